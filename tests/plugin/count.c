/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * QEMU plugin that counts the instructions that CPU 0 executes at the addresses of the SPMC. The
 * normal world and the partitions say what is counted by instructions that do nothing:
 *
 *   mov x26, x26   begins the next subject
 *   mov x28, x28   counts from here
 *   mov x27, x27   writes a line "sample SUBJECT COUNT"
 *
 * Before the first subject it writes "boot COUNT": from the first instruction of the SPMC to the
 * first of the normal world.
 *
 * Arguments: out=FILE, image=START:END (where the SPMC runs before its MMU is on), nwd=ENTRY.
 * With profile=SUBJECT (-1: boot) and profile-out=FILE it writes "ADDRESS COUNT" lines for the last
 * sample of that subject.
 *
 * Debian ships no header for plugins, so the few functions that are used are declared here (API
 * version 4: QEMU 9.2 and newer).
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define API_VERSION 4
#define EXPORT __attribute__((visibility("default")))

typedef uint64_t plugin_id;
struct qemu_info_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };
typedef void (*translate_fn)(plugin_id id, struct qemu_plugin_tb *tb);
typedef void (*execute_fn)(unsigned int cpu, void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, translate_fn fn);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, execute_fn fn,
					    enum qemu_plugin_cb_flags flags, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *data, size_t size);

EXPORT extern int qemu_plugin_version;
EXPORT int qemu_plugin_install(plugin_id id, const struct qemu_info_t *info, int argc, char **argv);

int qemu_plugin_version = API_VERSION;

/* The SPMC's link address; nothing else runs in the upper half. */
#define SPMC_VA UINT64_C(0xffff800000000000)
#define SPMC_INSNS (0x200000 / 4)

#define MARK_SUBJECT 0xaa1a03fau /* mov x26, x26 */
#define MARK_START 0xaa1c03fcu /* mov x28, x28 */
#define MARK_STOP 0xaa1b03fbu /* mov x27, x27 */

static FILE *out;
static const char *profile_out;
static uint64_t image_start, image_end, nwd_entry;
static uint64_t count;
static int subject = -1;
static int profiled;
static uint64_t profile[SPMC_INSNS];
static bool booted;

static void profile_write(void)
{
	FILE *file;

	if (profile_out == NULL || subject != profiled) {
		return;
	}
	file = fopen(profile_out, "w");
	if (file == NULL) {
		fprintf(stderr, "count: %s cannot be written\n", profile_out);
		return;
	}
	for (size_t i = 0; i < SPMC_INSNS; i++) {
		if (profile[i] != 0) {
			fprintf(file, "%#" PRIx64 " %" PRIu64 "\n", SPMC_VA + i * 4, profile[i]);
		}
	}
	fclose(file);
}

/* data is the address. */
static void on_spmc(unsigned int cpu, void *data)
{
	size_t index = ((uintptr_t)data - SPMC_VA) / 4;

	if (cpu == 0) {
		count++;
		if (index < SPMC_INSNS) {
			profile[index]++;
		}
	}
}

static void on_nwd(unsigned int cpu, void *data)
{
	(void)data;
	if (cpu == 0 && !booted) {
		booted = true;
		fprintf(out, "boot %" PRIu64 "\n", count);
		profile_write();
	}
}

static void on_subject(unsigned int cpu, void *data)
{
	(void)data;
	if (cpu == 0) {
		subject++;
	}
}

static void on_start(unsigned int cpu, void *data)
{
	(void)data;
	if (cpu == 0) {
		count = 0;
		if (profile_out != NULL) {
			memset(profile, 0, sizeof(profile));
		}
	}
}

static void on_stop(unsigned int cpu, void *data)
{
	(void)data;
	if (cpu == 0) {
		fprintf(out, "sample %d %" PRIu64 "\n", subject, count);
		profile_write();
		fflush(out);
	}
}

static execute_fn callback(uint64_t address, uint32_t insn)
{
	if (address >= SPMC_VA || (address >= image_start && address < image_end)) {
		return on_spmc;
	}
	if (address == nwd_entry) {
		return on_nwd;
	}
	switch (insn) {
	case MARK_SUBJECT:
		return on_subject;
	case MARK_START:
		return on_start;
	case MARK_STOP:
		return on_stop;
	default:
		return NULL;
	}
}

static void translate(plugin_id id, struct qemu_plugin_tb *tb)
{
	(void)id;
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint64_t address = qemu_plugin_insn_vaddr(insn);
		uint32_t word = 0;
		execute_fn fn;

		qemu_plugin_insn_data(insn, &word, sizeof(word));
		fn = callback(address, word);
		if (fn != NULL) {
			qemu_plugin_register_vcpu_insn_exec_cb(insn, fn, QEMU_PLUGIN_CB_NO_REGS,
							       (void *)(uintptr_t)address);
		}
	}
}

int qemu_plugin_install(plugin_id id, const struct qemu_info_t *info, int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++) {
		if (strncmp(argv[i], "out=", 4) == 0) {
			out = fopen(argv[i] + 4, "w");
		} else if (strncmp(argv[i], "nwd=", 4) == 0) {
			nwd_entry = strtoull(argv[i] + 4, NULL, 0);
		} else if (strncmp(argv[i], "profile-out=", 12) == 0) {
			profile_out = strdup(argv[i] + 12);
		} else if (strncmp(argv[i], "profile=", 8) == 0) {
			profiled = atoi(argv[i] + 8);
		} else if (sscanf(argv[i], "image=%" SCNi64 ":%" SCNi64, (int64_t *)&image_start,
				  (int64_t *)&image_end) != 2) {
			fprintf(stderr, "count: %s is unknown\n", argv[i]);
			return -1;
		}
	}
	if (out == NULL) {
		fprintf(stderr, "count: out=FILE is missing, or FILE cannot be written\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	return 0;
}
