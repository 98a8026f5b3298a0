/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MPI 1.5 as the card speaks it: byte offsets within messages, and codes.  These
 * are the card's own definitions, so that an error in them cannot cancel one of
 * the driver; test_mpi.c holds them against the kernel's headers.  Fields are
 * little endian, except in information units, which are big endian.
 */
#ifndef CARD_MPI_H
#define CARD_MPI_H

#include <stdint.h>

static inline uint16_t mpi_get16(const void *p)
{
	const uint8_t *b = p;

	return (uint16_t)(b[0] | b[1] << 8);
}

static inline uint32_t mpi_get32(const void *p)
{
	const uint8_t *b = p;

	return mpi_get16(b) | (uint32_t)mpi_get16(b + 2) << 16;
}

static inline uint64_t mpi_get64(const void *p)
{
	const uint8_t *b = p;

	return mpi_get32(b) | (uint64_t)mpi_get32(b + 4) << 32;
}

static inline uint32_t mpi_get_be32(const void *p)
{
	const uint8_t *b = p;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static inline void mpi_put16(void *p, uint16_t v)
{
	uint8_t *b = p;

	b[0] = (uint8_t)v;
	b[1] = (uint8_t)(v >> 8);
}

static inline void mpi_put32(void *p, uint32_t v)
{
	uint8_t *b = p;

	mpi_put16(b, (uint16_t)v);
	mpi_put16(b + 2, (uint16_t)(v >> 16));
}

static inline void mpi_put64(void *p, uint64_t v)
{
	uint8_t *b = p;

	mpi_put32(b, (uint32_t)v);
	mpi_put32(b + 4, (uint32_t)(v >> 32));
}

static inline void mpi_put_be32(void *p, uint32_t v)
{
	uint8_t *b = p;

	b[0] = (uint8_t)(v >> 24);
	b[1] = (uint8_t)(v >> 16);
	b[2] = (uint8_t)(v >> 8);
	b[3] = (uint8_t)v;
}

#define MESSAGE_VERSION 0x0105		/* MPI 1.5 */
#define HEADER_VERSION 0x1300

enum function_code {
	FN_SCSI_IO = 0x00,
	FN_SCSI_TASK_MGMT = 0x01,
	FN_IOC_INIT = 0x02,
	FN_IOC_FACTS = 0x03,
	FN_CONFIG = 0x04,
	FN_PORT_FACTS = 0x05,
	FN_PORT_ENABLE = 0x06,
	FN_EVENT_NOTIFICATION = 0x07,
	FN_EVENT_ACK = 0x08,
	FN_TARGET_POST = 0x0a,
	FN_TARGET_ASSIST = 0x0b,
	FN_TARGET_STATUS = 0x0c,
	FN_TARGET_ABORT = 0x0d,
	FN_TARGET_ASSIST_EXT = 0x23,
	FN_TARGET_BASE_POST = 0x24,
	FN_TARGET_LIST_POST = 0x25,
};

enum ioc_status {
	STATUS_SUCCESS = 0x00,
	STATUS_INVALID_FUNCTION = 0x01,
	STATUS_BUSY = 0x02,
	STATUS_INVALID_SGL = 0x03,
	STATUS_INTERNAL_ERROR = 0x04,
	STATUS_INSUFFICIENT_RESOURCES = 0x06,
	STATUS_INVALID_FIELD = 0x07,
	STATUS_INVALID_STATE = 0x08,
	STATUS_CONFIG_INVALID_ACTION = 0x20,
	STATUS_CONFIG_INVALID_TYPE = 0x21,
	STATUS_CONFIG_INVALID_PAGE = 0x22,
	STATUS_CONFIG_INVALID_DATA = 0x23,
	STATUS_CONFIG_NO_DEFAULTS = 0x24,
	STATUS_CONFIG_CANT_COMMIT = 0x25,
	STATUS_SCSI_RECOVERED_ERROR = 0x40,
	STATUS_SCSI_INVALID_BUS = 0x41,
	STATUS_SCSI_INVALID_TARGETID = 0x42,
	STATUS_SCSI_DEVICE_NOT_THERE = 0x43,
	STATUS_SCSI_DATA_OVERRUN = 0x44,
	STATUS_SCSI_DATA_UNDERRUN = 0x45,
	STATUS_SCSI_IO_DATA_ERROR = 0x46,
	STATUS_SCSI_PROTOCOL_ERROR = 0x47,
	STATUS_SCSI_TASK_TERMINATED = 0x48,
	STATUS_SCSI_RESIDUAL_MISMATCH = 0x49,
	STATUS_SCSI_TASK_MGMT_FAILED = 0x4a,
	STATUS_SCSI_IOC_TERMINATED = 0x4b,
	STATUS_SCSI_EXT_TERMINATED = 0x4c,
	STATUS_TARGET_PRIORITY_IO = 0x60,
	STATUS_TARGET_INVALID_PORT = 0x61,
	STATUS_TARGET_INVALID_IO_INDEX = 0x62,
	STATUS_TARGET_ABORTED = 0x63,
	STATUS_TARGET_NO_CONN_RETRYABLE = 0x64,
	STATUS_TARGET_NO_CONNECTION = 0x65,
	STATUS_TARGET_XFER_COUNT_MISMATCH = 0x6a,
	STATUS_TARGET_STS_DATA_NOT_SENT = 0x6b,
	STATUS_TARGET_DATA_OFFSET_ERROR = 0x6d,
	STATUS_TARGET_TOO_MUCH_WRITE_DATA = 0x6e,
	STATUS_TARGET_IU_TOO_SHORT = 0x6f,
	STATUS_LOG_INFO_AVAILABLE = 0x8000,
};

/* Every request. */
#define REQ_CHAIN_OFFSET 0x02		/* dwords from the frame's start, 0: no chain */
#define REQ_FUNCTION 0x03
#define REQ_MSG_FLAGS 0x07
#define REQ_CONTEXT 0x08
#define REQ_HEADER_SIZE 0x0c

/* Every reply. */
#define REPLY_LENGTH 0x02		/* dwords */
#define REPLY_FUNCTION 0x03
#define REPLY_MSG_FLAGS 0x07
#define REPLY_CONTEXT 0x08
#define REPLY_IOC_STATUS 0x0e
#define REPLY_LOG_INFO 0x10
#define REPLY_DEFAULT_SIZE 0x14

/* Context replies: the word itself (HW facts in docs/hardware.md, command buffers). */
#define CONTEXT_REPLY_TARGET 0x20000000u	/* type 1 in bits 30:29 */
#define CONTEXT_REPLY_TYPE_MASK 0x60000000u
#define CONTEXT_REPLY_ADDRESS 0x80000000u
#define CONTEXT_REPLY_PORT 0x10000000u
#define CONTEXT_REPLY_ALIAS 0x04000000u
#define CONTEXT_REPLY_INITIATOR_SHIFT 14
#define CONTEXT_REPLY_INITIATOR_MASK 0x03ffc000u
#define CONTEXT_REPLY_INDEX_MASK 0x00003fffu

/* IOCFacts reply. */
#define FACTS_MSG_VERSION 0x00
#define FACTS_HEADER_VERSION 0x04
#define FACTS_IOC_NUMBER 0x06
#define FACTS_EXCEPTIONS 0x0c
#define FACTS_MAX_CHAIN_DEPTH 0x14
#define FACTS_WHO_INIT 0x15
#define FACTS_BLOCK_SIZE 0x16
#define FACTS_FLAGS 0x17
#define FACTS_REPLY_QUEUE_DEPTH 0x18
#define FACTS_REQUEST_FRAME_SIZE 0x1a	/* dwords */
#define FACTS_PRODUCT_ID 0x1e
#define FACTS_HOST_MFA_HIGH 0x20
#define FACTS_GLOBAL_CREDITS 0x24
#define FACTS_NUMBER_OF_PORTS 0x26
#define FACTS_EVENT_STATE 0x27
#define FACTS_SENSE_HIGH 0x28
#define FACTS_REPLY_FRAME_SIZE 0x2c	/* bytes */
#define FACTS_MAX_DEVICES 0x2e
#define FACTS_MAX_BUSES 0x2f
#define FACTS_FW_IMAGE_SIZE 0x30
#define FACTS_CAPABILITIES 0x34
#define FACTS_FW_VERSION 0x38
#define FACTS_HIGH_PRI_DEPTH 0x3c
#define FACTS_SIZE 0x50
#define FACTS_CAPABILITY_HIGH_PRI 0x01
/* ProductID: SCSI, product, family 1030; as a real card's dump (020Bh). */
#define PRODUCT_SCSI_INITIATOR 0x0100
#define PRODUCT_SCSI_TARGET_INITIATOR 0x0200
#define PRODUCT_SCSI_TARGET 0x0300
#define PRODUCT_FAMILY_1030 0x000b

/* PortFacts; its request also carries the number at the same place. */
#define PORT_NUMBER 0x06
#define PORT_FACTS_TYPE 0x15
#define PORT_FACTS_MAX_DEVICES 0x16
#define PORT_FACTS_SCSI_ID 0x18
#define PORT_FACTS_PROTOCOL 0x1a
#define PORT_FACTS_MAX_POSTED 0x1c
#define PORT_FACTS_MAX_PERSISTENT_IDS 0x1e
#define PORT_FACTS_MAX_LAN_BUCKETS 0x20
#define PORT_FACTS_MAX_INITIATORS 0x22
#define PORT_FACTS_SIZE 0x28
#define PORT_TYPE_INACTIVE 0x00
#define PORT_TYPE_SCSI 0x01
#define PROTOCOL_TARGET 0x04
#define PROTOCOL_INITIATOR 0x08

/* IOCInit. */
#define INIT_WHO 0x00
#define INIT_FLAGS 0x04
#define INIT_MAX_DEVICES 0x05
#define INIT_MAX_BUSES 0x06
#define INIT_REPLY_FRAME_SIZE 0x0c
#define INIT_HOST_MFA_HIGH 0x10
#define INIT_SENSE_HIGH 0x14
#define INIT_MIN_SIZE 0x18		/* SeaBIOS's */
#define INIT_SIZE 0x2c
#define WHO_PCI_PEER 3

/* EventNotification and events. */
#define EVENT_SWITCH 0x00
#define EVENT_DATA_LENGTH 0x00		/* dwords */
#define EVENT_ACK_REQUIRED 0x06
#define EVENT_CODE 0x14
#define EVENT_CONTEXT 0x18
#define EVENT_DATA 0x1c
#define EVENT_REPLY_SIZE 0x20
#define EVENT_CONTINUATION 0x80		/* in MsgFlags */
#define EVENT_IOC_BUS_RESET 0x04
#define EVENT_EXT_BUS_RESET 0x05
#define EVENT_EVENT_CHANGE 0x0a
#define EVENT_ACK_EVENT 0x0c
#define EVENT_ACK_CONTEXT 0x10
#define EVENT_ACK_SIZE 0x14

/* Config. */
#define CONFIG_ACTION 0x00
#define CONFIG_EXT_LENGTH 0x04
#define CONFIG_EXT_TYPE 0x06
#define CONFIG_HEADER 0x14		/* version, length in dwords, number, type */
#define CONFIG_ADDRESS 0x18
#define CONFIG_SGE 0x1c
#define CONFIG_REPLY_SIZE 0x18
enum config_action {
	CONFIG_READ_HEADER = 0,
	CONFIG_READ_CURRENT = 1,
	CONFIG_WRITE_CURRENT = 2,
	CONFIG_DEFAULT = 3,
	CONFIG_WRITE_NVRAM = 4,
	CONFIG_READ_DEFAULT = 5,
	CONFIG_READ_NVRAM = 6,
};

#define PAGE_VERSION 0			/* within a page header */
#define PAGE_LENGTH 1
#define PAGE_NUMBER 2
#define PAGE_TYPE 3
#define PAGE_HEADER_SIZE 4
#define PAGE_TYPE_MASK 0x0f
#define PAGE_READ_ONLY 0x00
#define PAGE_CHANGEABLE 0x10
#define PAGE_PERSISTENT 0x20
enum page_type {
	PAGE_IO_UNIT = 0,
	PAGE_IOC = 1,
	PAGE_SCSI_PORT = 3,
	PAGE_SCSI_DEVICE = 4,
	PAGE_MANUFACTURING = 9,
	PAGE_EXTENDED = 15,
};

/* SCSI Port 0 capabilities and SCSI Device 0/1 parameters: bits [7:0], period, offset, flags. */
#define SPI_IU 0x00000001u
#define SPI_DT 0x00000002u
#define SPI_QAS 0x00000004u
#define SPI_HOLD_MCS 0x00000008u
#define SPI_WR_FLOW 0x00000010u
#define SPI_RD_STRM 0x00000020u
#define SPI_RTI 0x00000040u
#define SPI_PCOMP 0x00000080u
#define SPI_PERIOD_SHIFT 8
#define SPI_OFFSET_SHIFT 16
#define SPI_WIDE 0x20000000u
#define SPI_AIP 0x80000000u
/* Addresses of SCSI Device pages: the other side's ID, or an initiator and who answered it. */
#define DEVICE_FORM_MASK 0xf0000000u
#define DEVICE_FORM_TARGET_MODE 0x10000000u
#define DEVICE_TARGET_MODE_BUS_SHIFT 8
#define DEVICE_TARGET_MODE_INITIATOR_SHIFT 16
#define DEVICE0_NEGOTIATED 0x00000001u	/* SCSI Device 0, Information */
#define TARGET_CONFIG_TARGET_ONLY 0x01	/* SCSI Port 1, TargetConfig */
#define TARGET_CONFIG_INITIATOR_TARGET 0x02

/* SCSI IO request. */
#define SCSI_IO_TARGET_ID 0x00
#define SCSI_IO_BUS 0x01
#define SCSI_IO_CDB_LENGTH 0x04
#define SCSI_IO_SENSE_LENGTH 0x05
#define SCSI_IO_LUN 0x0c
#define SCSI_IO_CONTROL 0x14
#define SCSI_IO_CDB 0x18
#define SCSI_IO_DATA_LENGTH 0x28
#define SCSI_IO_SENSE_LOW 0x2c
#define SCSI_IO_SGL 0x30
#define SCSI_IO_CDB_SIZE 16
#define CONTROL_DIRECTION_MASK 0x03000000u
#define CONTROL_WRITE 0x01000000u
#define CONTROL_READ 0x02000000u
#define CONTROL_ADD_CDB_MASK 0x3c000000u
#define CONTROL_ATTRIBUTE_MASK 0x00000700u
#define CONTROL_ATTRIBUTE_SHIFT 8
#define CONTROL_SIMPLE 0
#define CONTROL_HEAD_OF_QUEUE 1
#define CONTROL_ORDERED 2
#define CONTROL_ACA 4
#define CONTROL_UNTAGGED 5
#define CONTROL_NO_DISCONNECT 7

/* SCSI IO reply. */
#define SCSI_REPLY_TARGET_ID 0x00
#define SCSI_REPLY_BUS 0x01
#define SCSI_REPLY_CDB_LENGTH 0x04
#define SCSI_REPLY_SENSE_LENGTH 0x05
#define SCSI_REPLY_STATUS 0x0c
#define SCSI_REPLY_STATE 0x0d
#define SCSI_REPLY_TRANSFER_COUNT 0x14
#define SCSI_REPLY_SENSE_COUNT 0x18
#define SCSI_REPLY_RESPONSE_INFO 0x1c
#define SCSI_REPLY_TASK_TAG 0x20
#define SCSI_REPLY_SIZE 0x24
#define SCSI_STATE_AUTOSENSE_VALID 0x01
#define SCSI_STATE_AUTOSENSE_FAILED 0x02
#define SCSI_STATE_NO_STATUS 0x04
#define SCSI_STATE_TERMINATED 0x08
#define SCSI_STATE_RESPONSE_VALID 0x10
#define SCSI_STATE_TAG_REJECTED 0x20

/* SCSI task management. */
#define TM_TARGET_ID 0x00
#define TM_BUS 0x01
#define TM_TYPE 0x05
#define TM_LUN 0x0c
#define TM_CONTEXT 0x30			/* TaskMsgContext */
#define TM_SIZE 0x34
#define TM_REPLY_RESPONSE 0x04
#define TM_REPLY_TYPE 0x05
#define TM_REPLY_TERMINATED 0x14	/* TerminationCount */
#define TM_REPLY_SIZE 0x18
enum tm_type {
	TM_ABORT_TASK = 1,
	TM_ABORT_TASK_SET = 2,
	TM_TARGET_RESET = 3,
	TM_RESET_BUS = 4,
	TM_LUN_RESET = 5,
	TM_CLEAR_TASK_SET = 6,
	TM_QUERY_TASK = 7,
	TM_CLEAR_ACA = 8,
};

enum tm_response {
	TM_RSP_COMPLETE = 0x00,
	TM_RSP_INVALID_FRAME = 0x02,
	TM_RSP_NOT_SUPPORTED = 0x04,
	TM_RSP_FAILED = 0x05,
	TM_RSP_SUCCEEDED = 0x08,
	TM_RSP_INVALID_LUN = 0x09,
	TM_RSP_IO_QUEUED_ON_IOC = 0x80,
};

/* Target command buffer post. */
#define POST_FLAGS 0x00
#define POST_COUNT 0x01
#define POST_LENGTH 0x04		/* bytes of each buffer */
#define POST_DESCRIPTORS 0x0c
#define POST_FLAG_PORT 0x01
#define POST_FLAG_64 0x80
#define DESCRIPTOR_INDEX 0x00
#define DESCRIPTOR_ADDRESS 0x04
#define DESCRIPTOR_SIZE_32 8
#define DESCRIPTOR_SIZE_64 12
/* Priority and error replies to a post. */
#define POST_REPLY_REASON 0x0c
#define POST_REPLY_WORD 0x14
#define POST_ERROR_REPLY_SIZE 0x18
enum priority_reason {
	REASON_NO_DISCONNECT = 0x00,
	REASON_TASK_MANAGEMENT = 0x01,
	REASON_UNKNOWN = 0xff,
};

/* What the card writes into a command buffer (parallel SCSI). */
#define SPI_BUFFER_TYPE 0x00		/* L_Q information unit */
#define SPI_BUFFER_TAG 0x02
#define SPI_BUFFER_LUN 0x04
#define SPI_BUFFER_DATA_LENGTH 0x0c
#define SPI_BUFFER_ATTRIBUTE 0x11	/* command information unit from 10h */
#define SPI_BUFFER_TMF 0x12
#define SPI_BUFFER_ADD_CDB 0x13
#define SPI_BUFFER_CDB 0x14
#define SPI_BUFFER_ALIAS 0x24
#define SPI_BUFFER_SIZE 0x28
#define SPI_BUFFER_CDB_SIZE 16
#define SPI_BUFFER_TYPE_COMMAND 0x01	/* L_Q type of a command or TMF */

/* TargetAssist and TargetStatusSend share their first 18h bytes. */
#define TARGET_STATUS_CODE 0x00
#define TARGET_FLAGS 0x01
#define TARGET_QUEUE_TAG 0x04
#define TARGET_REPLY_WORD 0x0c
#define TARGET_LUN 0x10
#define ASSIST_OFFSET 0x18
#define ASSIST_DATA_LENGTH 0x1c
#define ASSIST_SGL 0x20
#define ASSIST_TO_INITIATOR 0x01
#define ASSIST_AUTO_STATUS 0x02
#define ASSIST_HIGH_PRIORITY 0x04
#define ASSIST_CONFIRMED 0x08
#define ASSIST_REPOST 0x80
#define STATUS_SEND_SGE 0x18
#define STATUS_SEND_AUTO_GOOD 0x01
#define STATUS_SEND_HIGH_PRIORITY 0x04
#define STATUS_SEND_CONFIRMED 0x08
#define STATUS_SEND_REPOST 0x80
/* Error reply to either. */
#define TARGET_REPLY_REASON 0x0c
#define TARGET_REPLY_WORD_ECHO 0x14
#define TARGET_REPLY_TRANSFER_COUNT 0x18
#define TARGET_REPLY_SIZE 0x1c

/* TargetModeAbort. */
#define ABORT_TYPE 0x00
#define ABORT_REPLY_WORD 0x0c
#define ABORT_CONTEXT 0x10
#define ABORT_SIZE 0x14
#define ABORT_REPLY_COUNT 0x14
#define ABORT_REPLY_SIZE 0x18
enum target_abort_type {
	ABORT_ALL_CMD_BUFFERS = 0,
	ABORT_ALL_IO = 1,
	ABORT_EXACT_IO = 2,
	ABORT_EXACT_REQUEST = 3,
};

/* SPI status information unit. */
#define STATUS_IU_VALID 0x02
#define STATUS_IU_STATUS 0x03
#define STATUS_IU_SENSE_LENGTH 0x04	/* big endian */
#define STATUS_IU_FAILURES_LENGTH 0x08	/* big endian */
#define STATUS_IU_DATA 0x0c		/* packet failures first, then sense */
#define STATUS_IU_FAILURE_CODE 3	/* within the packet failures */
#define STATUS_IU_VALID_FAILURES 0x01
#define STATUS_IU_VALID_SENSE 0x02

/* Scatter/gather elements: flags in the top byte of the first dword. */
#define SGE_LAST_ELEMENT 0x80u
#define SGE_END_OF_BUFFER 0x40u
#define SGE_TYPE_MASK 0x30u
#define SGE_TRANSACTION 0x00u
#define SGE_SIMPLE 0x10u
#define SGE_CHAIN 0x30u
#define SGE_LOCAL_ADDRESS 0x08u
#define SGE_TO_IOC 0x04u
#define SGE_64 0x02u
#define SGE_END_OF_LIST 0x01u
#define SGE_FLAGS_SHIFT 24
#define SGE_LENGTH_MASK 0x00ffffffu
#define SGE_CHAIN_LENGTH_MASK 0x0000ffffu
#define SGE_CHAIN_NEXT_SHIFT 16		/* NextChainOffset, dwords */
#define SGE_CHAIN_NEXT_MASK 0x00ff0000u

#endif
