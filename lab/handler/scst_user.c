// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Serves a LUN of SCST: the device of that name is there as long as this runs.  SCST
 * takes lengths from the CDB; of commands that it does not know it asks us.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <scst_user.h>

#include "user_lun.h"

#define PAGE	4096u

/* Of @pbuf in SCST's structures. */
static void *buffer_at(uint64_t address)
{
	return (void *)(uintptr_t)address;
}

static uint64_t buffer_new(int32_t length)
{
	void *buffer = aligned_alloc(PAGE, ((size_t)length + PAGE - 1) / PAGE * PAGE);

	if (!buffer)
		die("a command's data");
	return (uintptr_t)buffer;
}

static void parse(const struct scst_user_scsi_cmd_parse *command,
		  struct scst_user_scsi_cmd_reply_parse *reply)
{
	size_t length = unit_vendor_length(command->cdb);

	reply->queue_type = command->queue_type;
	reply->cdb_len = command->cdb_len;
	reply->op_flags = command->op_flags | SCST_INFO_VALID;
	reply->data_direction = !length ? SCST_DATA_NONE :
				command->cdb[0] & 1 ? SCST_DATA_WRITE : SCST_DATA_READ;
	reply->bufflen = (int32_t)length;
	reply->data_len = (int32_t)length;
}

/* The sense must be there until SCST has read the reply. */
static void execute(const struct unit *unit, const struct scst_user_scsi_cmd_exec *command,
		    struct scst_user_scsi_cmd_reply_exec *reply, uint8_t *sense)
{
	struct task task = { .cdb = command->cdb, .length = (size_t)command->bufflen };
	uint64_t buffer = command->pbuf;

	if (!buffer && command->alloc_len)
		buffer = buffer_new(command->alloc_len);
	task.data = buffer_at(buffer);
	unit_execute(unit, &task);
	if (!task.returned && !command->pbuf) {
		free(buffer_at(buffer));
		buffer = 0;
	}
	reply->reply_type = SCST_EXEC_REPLY_COMPLETED;
	reply->pbuf = buffer;
	reply->resp_data_len = (int32_t)task.returned;
	reply->status = task.status;
	if (task.status == STATUS_CHECK) {
		memcpy(sense, task.sense, sizeof(task.sense));
		reply->sense_len = sizeof(task.sense);
		reply->psense_buffer = (uintptr_t)sense;
	}
}

static void work(const struct unit *unit, const struct scst_user_get_cmd *command,
		 struct scst_user_reply_cmd *reply, uint8_t *sense)
{
	memset(reply, 0, sizeof(*reply));
	reply->cmd_h = command->cmd_h;
	reply->subcode = command->subcode;
	switch (command->subcode) {
	case SCST_USER_PARSE:
		parse(&command->parse_cmd, &reply->parse_reply);
		break;
	case SCST_USER_ALLOC_MEM:
		reply->alloc_reply.pbuf = buffer_new(command->alloc_cmd.alloc_len);
		break;
	case SCST_USER_EXEC:
		execute(unit, &command->exec_cmd, &reply->exec_reply, sense);
		break;
	case SCST_USER_ON_FREE_CMD:
		free(buffer_at(command->on_free_cmd.pbuf));
		break;
	case SCST_USER_ATTACH_SESS:
	case SCST_USER_DETACH_SESS:
	case SCST_USER_TASK_MGMT_RECEIVED:
	case SCST_USER_TASK_MGMT_DONE:
		break;			/* result 0 */
	default:
		errno = EPROTO;
		die("a message of SCST");
	}
}

static int open_device(const char *name)
{
	struct scst_user_dev_desc device = {
		.version_str = (uintptr_t)DEV_USER_VERSION,
		.license_str = (uintptr_t)"GPL",
		.block_size = UNIT_BLOCK,
		.opt = {
			.parse_type = SCST_USER_PARSE_EXCEPTION,
			.on_free_cmd_type = SCST_USER_ON_FREE_CMD_CALL,
			.memory_reuse_type = SCST_USER_MEM_NO_REUSE,
			.tst = SCST_TST_1_SEP_TASK_SETS,
			.queue_alg = SCST_QUEUE_ALG_1_UNRESTRICTED_REORDER,
			.tas = 1,
		},
	};
	int file = open(DEV_USER_PATH DEV_USER_NAME, O_RDWR | O_CLOEXEC);

	strncpy(device.name, name, sizeof(device.name) - 1);
	if (file < 0 || ioctl(file, SCST_USER_REGISTER_DEVICE, &device))
		die(DEV_USER_PATH DEV_USER_NAME);
	return file;
}

int serve_unit(const char *device, const struct unit *unit)
{
	struct scst_user_get_cmd command = { 0 };
	struct scst_user_reply_cmd reply;
	uint8_t sense[UNIT_SENSE];
	int file = open_device(device);

	for (;;) {
		if (!ioctl(file, SCST_USER_REPLY_AND_GET_CMD, &command)) {
			work(unit, &command, &reply, sense);
			command.preply = (uintptr_t)&reply;
			continue;
		}
		/* the command is gone, as all are at the end, or there is none yet */
		if (errno != ESRCH && errno != EBUSY && errno != EAGAIN && errno != EINTR)
			die("SCST's next command");
		command.preply = 0;
	}
}
