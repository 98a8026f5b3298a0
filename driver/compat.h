/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only file that asks which kernel it is built for; Kbuild probes the
 * headers, since stable kernels backport what LINUX_VERSION_CODE cannot tell.
 */
#ifndef MPT_COMPAT_H
#define MPT_COMPAT_H

#ifdef HAVE_LINUX_UNALIGNED_H
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/* Hands a prepared se_cmd to LIO from hard irq: always queued. */
#ifdef HAVE_TARGET_QUEUE_SUBMISSION
#define mpt_lio_submit(se)	target_queue_submission(se)
#else
#define mpt_lio_submit(se)	target_submit(se)
#endif

/* direct_submit_supp stays 0: an administrator must not make us sleep in an interrupt. */
#ifdef HAVE_TFO_COMPL_TYPE
#define MPT_LIO_SUBMIT_TYPES	.default_submit_type = TARGET_QUEUE_SUBMIT, \
				.default_compl_type = TARGET_QUEUE_COMPL,
#elif defined(HAVE_TFO_SUBMIT_TYPE)
#define MPT_LIO_SUBMIT_TYPES	.default_submit_type = TARGET_QUEUE_SUBMIT,
#else
#define MPT_LIO_SUBMIT_TYPES
#endif

#endif
