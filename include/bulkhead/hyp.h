/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Paravirtual interrupt calls, the ones that existing SPs use: HVC from S-EL1, SVC from S-EL0,
 * x0 = call, result in x0.
 */
#ifndef BULKHEAD_HYP_H
#define BULKHEAD_HYP_H

#define HYP_INTERRUPT_ENABLE 0xFF03u /* x1 id, x2 1/0, x3 pin: 0 IRQ, 1 FIQ. x0 = 0 or -1 */
#define HYP_INTERRUPT_GET 0xFF04u /* x0 = oldest pending enabled id, or HYP_NO_INTERRUPT */
#define HYP_INTERRUPT_DEACTIVATE 0xFF08u /* x1 physical id, x2 virtual id. x0 = 0 or -1 */
#define HYP_INTERRUPT_RECONFIGURE 0xFF09u /* x1 id, x2 command, x3 value. x0 = 0 or -1 */
#define HYP_INTERRUPT_SEND_IPI 0xFF0Au /* x1 vCPU index. x0 = 0 or -1 */

#define HYP_NO_INTERRUPT 0xFFFFFFFFu
#define HYP_PIN_IRQ 0u
#define HYP_PIN_FIQ 1u

#define HYP_RECONFIGURE_TARGET 0u /* value: CPU index */
#define HYP_RECONFIGURE_SECURITY 1u /* value: 0 non-secure, 1 secure */
#define HYP_RECONFIGURE_ENABLE 2u /* value: 0 disable, 1 enable */

#endif
