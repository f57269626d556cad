/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Measurement registers, as of a TPM: what has been extended into one can be read by anybody and be
 * undone by nobody. A service that needs no privilege, so it is at S-EL0: what goes wrong in it can
 * touch its own memory and nothing else. samples.h has the commands.
 */
#include "sp/sp.h"

#include "bulkhead/samples.h"
#include "sha256.h"

#include <string.h>

static uint8_t registers[MEASURE_REGISTERS][SHA256_BYTES];

static void extend(uint8_t value[SHA256_BYTES], const void *data)
{
	uint8_t both[2 * SHA256_BYTES];

	memcpy(both, value, SHA256_BYTES);
	memcpy(&both[SHA256_BYTES], data, SHA256_BYTES);
	sha256(value, both, sizeof(both));
}

/* Replaces the request by its answer. */
static void measure(uint16_t from, const struct ffa_uuid *service, uint64_t payload[FFA_PAYLOAD2])
{
	uint64_t command = payload[0];
	uint64_t n = payload[1];
	uint8_t digest[SHA256_BYTES] = { 0 };
	bool good = false;

	(void)from;
	(void)service;
	if (command == MEASURE_HASH && n <= MEASURE_HASH_MAX) {
		sha256(digest, (const uint8_t *)&payload[2], n);
		good = true;
	} else if ((command == MEASURE_EXTEND || command == MEASURE_READ) &&
		   n < MEASURE_REGISTERS) {
		if (command == MEASURE_EXTEND) {
			extend(registers[n], &payload[2]);
		}
		memcpy(digest, registers[n], sizeof(digest));
		good = true;
	}
	memset(payload, 0, FFA_PAYLOAD2 * sizeof(payload[0]));
	payload[0] = command;
	payload[1] = good ? MEASURE_DONE : MEASURE_REFUSED;
	memcpy(&payload[2], digest, sizeof(digest));
}

static void measure_init(const struct sp_vcpu *v)
{
	(void)v;
	sp_print("id %#x, at S-EL0, ready\n", sp_id);
}

const struct sp_ops sp_ops = {
	.init = measure_init,
	.direct_req2 = measure,
};
