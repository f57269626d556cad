/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

/* libfdt includes this header, and what we compile of it uses nothing from here. */
