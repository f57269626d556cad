/* SPDX-License-Identifier: BSD-3-Clause */
#include "simd.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "cpu.h"
#include "test.h"

#define VL_MAX 256u /* bytes of a Z register: the architecture's limit */

/* FEAT_SVE and FEAT_SME names are not known to every assembler. */
#define ZCR_EL1 S3_0_C1_C2_0
#define ZCR_EL2 S3_4_C1_C2_0
#define SMCR_EL1 S3_0_C1_C2_6
#define SMCR_EL2 S3_4_C1_C2_6
#define SVCR S3_3_C4_C2_2
/* clang refuses the names in code without FP. */
#define FPCR S3_3_C4_C4_0
#define FPSR S3_3_C4_C4_1
#define read_(name) sysreg_read(name)
#define write_(name, value) sysreg_write(name, value)

#define LEN_MAX 15u
#define SMCR_OPEN (1ull << 31 | 1ull << 30) /* FA64, EZT0 */
#define FPCR_FIELDS 0x07c00000ull /* rounding, flush to zero, default NaN: no traps */
#define FPSR_FIELDS 0x0800009full

struct simd_state {
	uint8_t z[32 * VL_MAX]; /* one after the other, each as long as they are at the time */
	uint8_t p[16 * VL_MAX / 8];
	uint8_t ffr[VL_MAX / 8];
	uint8_t za[VL_MAX * VL_MAX];
	uint64_t fpcr, fpsr, svcr, zcr, smcr;
};

static struct {
	struct simd_state wanted, found;
	enum simd_mode mode;
} states[CPU_COUNT];

/* simd.S */
void simd_load_v(const void *v);
void simd_store_v(void *v);
void simd_load_z(const void *z);
void simd_store_z(void *z);
void simd_load_p(const void *p);
void simd_store_p(void *p);
void simd_load_ffr(const void *ffr);
void simd_store_ffr(void *ffr);
void simd_load_za(const void *za);
void simd_store_za(void *za);
void simd_streaming_on(void);
void simd_streaming_off(void);
uint64_t simd_vector_length(void);

static bool has_sve(void)
{
	return (sysreg_read(id_aa64pfr0_el1) >> 32 & 0xf) != 0;
}

static bool has_sme(void)
{
	return (sysreg_read(id_aa64pfr1_el1) >> 24 & 0xf) != 0;
}

bool simd_has(enum simd_mode mode)
{
	return mode == SIMD_PLAIN || has_sme();
}

bool simd_is_streaming(void)
{
	return has_sme() && (read_(SVCR) & 1) != 0;
}

static void set_lengths(uint64_t zcr, uint64_t smcr)
{
	if (has_sve()) {
		if (cpu_el() == 2) {
			write_(ZCR_EL2, zcr);
		} else {
			write_(ZCR_EL1, zcr);
		}
	}
	if (has_sme()) {
		if (cpu_el() == 2) {
			write_(SMCR_EL2, smcr);
		} else {
			write_(SMCR_EL1, smcr);
		}
	}
	isb();
}

static void get_lengths(struct simd_state *s)
{
	s->zcr = !has_sve() ? 0 : cpu_el() == 2 ? read_(ZCR_EL2) : read_(ZCR_EL1);
	s->smcr = !has_sme() ? 0 : cpu_el() == 2 ? read_(SMCR_EL2) : read_(SMCR_EL1);
}

/* Called when FP, SVE and SME are no longer trapped. */
void simd_init_cpu(void)
{
	set_lengths(LEN_MAX, LEN_MAX | SMCR_OPEN);
}

static void fill_random(void *at, size_t size)
{
	uint8_t *bytes = at;

	for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
		uint64_t value = random_next();

		memcpy(bytes + i, &value, size - i < sizeof(value) ? size - i : sizeof(value));
	}
}

static void load(const struct simd_state *s, enum simd_mode mode)
{
	write_(FPCR, s->fpcr);
	write_(FPSR, s->fpsr);
	if (mode == SIMD_STREAMING) {
		simd_streaming_on();
		simd_load_za(s->za);
	}
	if (!has_sve() && mode == SIMD_PLAIN) {
		simd_load_v(s->z);
		return;
	}
	simd_load_z(s->z);
	if (mode == SIMD_PLAIN) {
		simd_load_ffr(s->ffr);
	}
	simd_load_p(s->p);
}

static void store(struct simd_state *s, enum simd_mode mode)
{
	s->fpcr = read_(FPCR);
	s->fpsr = read_(FPSR);
	s->svcr = has_sme() ? read_(SVCR) : 0;
	get_lengths(s);
	if (mode == SIMD_STREAMING) {
		simd_store_za(s->za);
	}
	if (!has_sve() && mode == SIMD_PLAIN) {
		simd_store_v(s->z);
		return;
	}
	simd_store_z(s->z);
	simd_store_p(s->p);
	if (mode == SIMD_PLAIN) {
		simd_store_ffr(s->ffr);
		simd_load_p(s->p);
	}
}

/*
 * Fills all that the mode has, at a random vector length (one time in two: the longest), and
 * remembers it. The CPU stays in that mode until simd_check().
 */
void simd_fill(enum simd_mode mode)
{
	struct simd_state *s = &states[cpu_index()].wanted;
	uint64_t length = random_below(2) ? LEN_MAX : random_below(LEN_MAX + 1);

	states[cpu_index()].mode = mode;
	set_lengths(length, length | SMCR_OPEN);
	fill_random(s->z, sizeof(s->z));
	fill_random(s->p, sizeof(s->p));
	/* FFR holds ones up to some element and zeroes after it. */
	memset(s->ffr, 0, sizeof(s->ffr));
	memset(s->ffr, 0xff, random_below(sizeof(s->ffr)));
	if (mode == SIMD_STREAMING) {
		fill_random(s->za, sizeof(s->za));
	}
	s->fpcr = random_next() & FPCR_FIELDS;
	s->fpsr = random_next() & FPSR_FIELDS;
	load(s, mode);
	store(s, mode);
}

/* Compares elements of `size` bytes; reports the first that differs. */
static bool same(const char *after, const char *what, const uint8_t *wanted, const uint8_t *found,
		 uint64_t size, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		for (uint64_t b = 0; b < size; b++) {
			CHECK(wanted[i * size + b] == found[i * size + b],
			      "CPU %u: %s%u byte %lu is %#x, was %#x, after %s", cpu_index(), what,
			      i, b, found[i * size + b], wanted[i * size + b], after);
		}
	}
	return true;
}

/* Without live SVE state: V0-V31 are kept; what is above them, and P and FFR, is kept or zero. */
static bool same_v(const char *after, const struct simd_state *wanted,
		   const struct simd_state *found, uint64_t size)
{
	for (unsigned int i = 0; i < 32; i++) {
		for (uint64_t b = 0; b < size; b++) {
			uint8_t is = found->z[i * size + b], was = wanted->z[i * size + b];

			CHECK(is == was || (b >= 16 && is == 0),
			      "CPU %u: z%u byte %lu is %#x, was %#x, after %s with the SVE hint",
			      cpu_index(), i, b, is, was, after);
		}
	}
	for (uint64_t b = 0; b < 16 * size / 8; b++) {
		CHECK(found->p[b] == wanted->p[b] || found->p[b] == 0,
		      "CPU %u: p%lu is %#x, was %#x, after %s with the SVE hint", cpu_index(),
		      b * 8 / size, found->p[b], wanted->p[b], after);
	}
	for (uint64_t b = 0; b < size / 8; b++) {
		CHECK(found->ffr[b] == wanted->ffr[b] || found->ffr[b] == 0,
		      "CPU %u: FFR is %#x, was %#x, after %s with the SVE hint", cpu_index(),
		      found->ffr[b], wanted->ffr[b], after);
	}
	return true;
}

/* Compares with what simd_fill() left, and leaves streaming mode. */
bool simd_check(const char *after, bool sve_was_live)
{
	const struct simd_state *wanted = &states[cpu_index()].wanted;
	struct simd_state *found = &states[cpu_index()].found;
	enum simd_mode mode = states[cpu_index()].mode;
	uint64_t size = has_sve() || mode == SIMD_STREAMING ? simd_vector_length() : 16;
	bool ok;

	store(found, mode);
	if (mode == SIMD_STREAMING) {
		simd_streaming_off();
	}
	simd_init_cpu();
	CHECK(found->zcr == wanted->zcr && found->smcr == wanted->smcr,
	      "CPU %u: ZCR is %#lx, was %#lx; SMCR is %#lx, was %#lx, after %s", cpu_index(),
	      found->zcr, wanted->zcr, found->smcr, wanted->smcr, after);
	CHECK(found->svcr == wanted->svcr, "CPU %u: SVCR is %#lx, was %#lx, after %s", cpu_index(),
	      found->svcr, wanted->svcr, after);
	CHECK(found->fpcr == wanted->fpcr && found->fpsr == wanted->fpsr,
	      "CPU %u: FPCR is %#lx, was %#lx; FPSR is %#lx, was %#lx, after %s", cpu_index(),
	      found->fpcr, wanted->fpcr, found->fpsr, wanted->fpsr, after);
	if (!sve_was_live) {
		return same_v(after, wanted, found, size);
	}
	ok = same(after, "z", wanted->z, found->z, size, 32);
	if (ok && (has_sve() || mode == SIMD_STREAMING)) {
		ok = same(after, "p", wanted->p, found->p, size / 8, 16);
	}
	if (ok && has_sve() && mode == SIMD_PLAIN) {
		ok = same(after, "ffr", wanted->ffr, found->ffr, size / 8, 1);
	}
	if (ok && mode == SIMD_STREAMING) {
		ok = same(after, "za row ", wanted->za, found->za, size, (unsigned int)size);
	}
	return ok;
}
