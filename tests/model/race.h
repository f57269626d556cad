/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef RACE_H
#define RACE_H

/* Lets CPUs hand vCPUs to each other for a while. 0: each vCPU was always found as it was left. */
int race_handover(void);

/* Memory is shared and lent on all CPUs, and SPs end. 0: everybody had what was his in the end. */
int memory_race(void);

#endif
