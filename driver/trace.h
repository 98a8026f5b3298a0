/* SPDX-License-Identifier: GPL-2.0-only */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM mpt_target

#if !defined(MPT_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define MPT_TRACE_H

#include <linux/tracepoint.h>

#include "internal.h"

#define show_mpt_slot_state(state)				\
	__print_symbolic(state,					\
		{ MPT_SLOT_IDLE,	"idle" },		\
		{ MPT_SLOT_POSTED,	"posted" },		\
		{ MPT_SLOT_ARRIVED,	"arrived" },		\
		{ MPT_SLOT_ENGINE,	"engine" },		\
		{ MPT_SLOT_QUEUED,	"queued" },		\
		{ MPT_SLOT_DATA_OUT,	"data-out" },		\
		{ MPT_SLOT_DATA_IN,	"data-in" },		\
		{ MPT_SLOT_STATUS,	"status" },		\
		{ MPT_SLOT_ENDED,	"ended" },		\
		{ MPT_SLOT_RETURNED,	"returned" })

/* An IoIndex changes hands. */
TRACE_EVENT(mpt_slot_move,
	TP_PROTO(const struct mpt_slot *slot, u8 to),
	TP_ARGS(slot, to),
	TP_STRUCT__entry(
		__field(int, ioc)
		__field(u16, index)
		__field(u32, word)
		__field(u8, from)
		__field(u8, to)
		__field(u8, opcode)
		__field(bool, engine_has)
	),
	TP_fast_assign(
		__entry->ioc = slot->adapter->ioc->id;
		__entry->index = slot->index;
		__entry->word = slot->word;
		__entry->from = slot->state;
		__entry->to = to;
		__entry->opcode = slot->command.info.cdb[0];
		__entry->engine_has = slot->engine_has;
	),
	TP_printk("ioc%d index %u word %08x opcode %02xh %s -> %s%s", __entry->ioc, __entry->index,
		  __entry->word, __entry->opcode, show_mpt_slot_state(__entry->from),
		  show_mpt_slot_state(__entry->to), __entry->engine_has ? " (engine has it)" : "")
);

DECLARE_EVENT_CLASS(mpt_command_class,
	TP_PROTO(const struct mpt_slot *slot),
	TP_ARGS(slot),
	TP_STRUCT__entry(
		__field(int, ioc)
		__field(u16, index)
		__field(u8, initiator)
		__field(u8, target)
		__field(u16, tag)
		__field(u8, attribute)
		__field(u8, function)
		__field(u64, lun)
		__array(u8, cdb, MPT_CDB_SIZE)
	),
	TP_fast_assign(
		__entry->ioc = slot->adapter->ioc->id;
		__entry->index = slot->index;
		__entry->initiator = slot->command.nexus->initiator_id;
		__entry->target = slot->command.nexus->address->name.id;
		__entry->tag = slot->command.info.tag;
		__entry->attribute = slot->command.info.attribute;
		__entry->function = slot->command.info.function;
		__entry->lun = be64_to_cpup((const __be64 *)slot->command.info.lun);
		memcpy(__entry->cdb, slot->command.info.cdb, MPT_CDB_SIZE);
	),
	TP_printk("ioc%d index %u initiator %u target %u lun %llx tag %04x attribute %u function %u cdb %s",
		  __entry->ioc, __entry->index, __entry->initiator, __entry->target, __entry->lun,
		  __entry->tag, __entry->attribute, __entry->function,
		  __print_hex(__entry->cdb, MPT_CDB_SIZE))
);

/* A command, as it is given to the engine. */
DEFINE_EVENT(mpt_command_class, mpt_command,
	TP_PROTO(const struct mpt_slot *slot),
	TP_ARGS(slot)
);

/* One that the hardware half answers without the engine, or overrules it in. */
DEFINE_EVENT(mpt_command_class, mpt_local_answer,
	TP_PROTO(const struct mpt_slot *slot),
	TP_ARGS(slot)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
