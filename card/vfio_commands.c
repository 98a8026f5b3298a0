// SPDX-License-Identifier: GPL-2.0-or-later
/* The commands of a client: what each must look like, and what it does. */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "log.h"
#include "vfio_private.h"

#define UNMAP_ALL		2u

#define DEVICE_RESET		1u
#define DEVICE_PCI		2u

#define REGION_READ		1u
#define REGION_WRITE		2u

#define LOGGED_ERRORS		16	/* of one client; the rest is only answered */

static bool handling;

bool vfio_handling(void)
{
	return handling;
}

static int version_capabilities(struct vfio_user *vu, const char *text)
{
	struct json_object *root = json_tokener_parse(text), *capabilities, *value;
	int64_t transfer = VFIO_MAX_TRANSFER;
	int ret = -EINVAL;

	if (!root || !json_object_is_type(root, json_type_object))
		goto out;
	if (json_object_object_get_ex(root, "capabilities", &capabilities)) {
		if (!json_object_is_type(capabilities, json_type_object))
			goto out;
		if (json_object_object_get_ex(capabilities, "max_data_xfer_size", &value)) {
			if (!json_object_is_type(value, json_type_int))
				goto out;
			transfer = json_object_get_int64(value);
		}
	}
	if (transfer < 1)
		goto out;
	vu->max_transfer = transfer < VFIO_MAX_TRANSFER ? transfer : VFIO_MAX_TRANSFER;
	ret = 0;
out:
	json_object_put(root);
	return ret;
}

static int handle_version(struct vfio_user *vu, const uint8_t *body, size_t len, size_t *reply_len)
{
	uint16_t version[2];
	int n, ret;

	memcpy(version, body, sizeof(version));
	if (vu->versioned || version[0] != 0)
		return -EINVAL;
	if (len > sizeof(version)) {
		if (body[len - 1])
			return -EINVAL;
		ret = version_capabilities(vu, (const char *)body + sizeof(version));
		if (ret)
			return ret;
	}
	vu->versioned = true;
	memset(vu->out, 0, sizeof(version));
	n = snprintf((char *)vu->out + sizeof(version), 128,
		     "{\"capabilities\":{\"max_msg_fds\":%d,\"max_data_xfer_size\":%d}}",
		     VFIO_MAX_FDS, VFIO_MAX_TRANSFER);
	*reply_len = sizeof(version) + n + 1;
	return 0;
}

struct dma_map_body {
	uint32_t argsz, flags;
	uint64_t offset, iova, size;
};

static int handle_dma_map(struct vfio_user *vu, const uint8_t *body, size_t len, size_t *reply_len)
{
	struct dma_map_body map;
	int ret, fd;

	(void)len;
	memcpy(&map, body, sizeof(map));
	if (map.argsz < sizeof(map))
		return -EINVAL;
	fd = vfio_wire_take_fd(&vu->wire);
	ret = vfio_maps_add(&vu->maps, map.iova, map.size, map.flags, fd, map.offset);
	if (fd >= 0)
		close(fd);
	*reply_len = 0;
	return ret;
}

struct dma_unmap_body {
	uint32_t argsz, flags;
	uint64_t iova, size;
};

static uint64_t unmap_all(struct vfio_user *vu)
{
	uint64_t removed = 0;
	unsigned int i;

	for (i = 0; i < vu->maps.nr; i++)
		removed += vu->maps.maps[i].size;
	vfio_maps_clear(&vu->maps);
	return removed;
}

static int handle_dma_unmap(struct vfio_user *vu, const uint8_t *body, size_t len,
			    size_t *reply_len)
{
	struct dma_unmap_body unmap;
	int ret = 0;

	(void)len;
	memcpy(&unmap, body, sizeof(unmap));
	if (unmap.argsz < sizeof(unmap) || unmap.flags & ~UNMAP_ALL)
		return -EINVAL;
	if (unmap.flags & UNMAP_ALL) {
		if (unmap.iova || unmap.size)
			return -EINVAL;
		unmap.size = unmap_all(vu);
	} else {
		ret = vfio_maps_remove(&vu->maps, unmap.iova, unmap.size, &unmap.size);
	}
	memcpy(vu->out, &unmap, sizeof(unmap));
	*reply_len = sizeof(unmap);
	return ret;
}

static int handle_get_info(struct vfio_user *vu, const uint8_t *body, size_t len, size_t *reply_len)
{
	uint32_t argsz;
	uint32_t info[4] = {
		sizeof(info), DEVICE_PCI | DEVICE_RESET, VFIO_NR_REGIONS, NR_IRQS,
	};

	(void)len;
	memcpy(&argsz, body, sizeof(argsz));
	if (argsz < sizeof(info))
		return -EINVAL;
	memcpy(vu->out, info, sizeof(info));
	*reply_len = sizeof(info);
	return 0;
}

struct region_info_body {
	uint32_t argsz, flags, index, cap_offset;
	uint64_t size, offset;
};

static int handle_region_info(struct vfio_user *vu, const uint8_t *body, size_t len,
			      size_t *reply_len)
{
	struct region_info_body info, reply = { .argsz = sizeof(reply) };

	(void)len;
	memcpy(&info, body, sizeof(info));
	if (info.argsz < sizeof(info) || info.index >= VFIO_NR_REGIONS)
		return -EINVAL;
	reply.index = info.index;
	reply.size = vu->ops->region_size(vu->device, info.index);
	reply.flags = reply.size ? REGION_READ | REGION_WRITE : 0;
	memcpy(vu->out, &reply, sizeof(reply));
	*reply_len = sizeof(reply);
	return 0;
}

struct region_body {
	uint64_t offset;
	uint32_t region, count;
};

static int check_region(struct vfio_user *vu, const struct region_body *access)
{
	size_t size;

	if (access->region >= VFIO_NR_REGIONS || !access->count ||
	    access->count > VFIO_MAX_TRANSFER)
		return -EINVAL;
	size = vu->ops->region_size(vu->device, access->region);
	if (access->offset > size || access->count > size - access->offset)
		return -EINVAL;
	return 0;
}

static int handle_region_read(struct vfio_user *vu, const uint8_t *body, size_t len,
			      size_t *reply_len)
{
	struct region_body access;
	int ret;

	(void)len;
	memcpy(&access, body, sizeof(access));
	ret = check_region(vu, &access);
	if (ret)
		return ret;
	memcpy(vu->out, &access, sizeof(access));
	vu->ops->region_read(vu->device, access.region, access.offset, vu->out + sizeof(access),
			     access.count);
	*reply_len = sizeof(access) + access.count;
	return 0;
}

static int handle_region_write(struct vfio_user *vu, const uint8_t *body, size_t len,
			       size_t *reply_len)
{
	struct region_body access;
	int ret;

	memcpy(&access, body, sizeof(access));
	ret = check_region(vu, &access);
	if (ret)
		return ret;
	if (len != sizeof(access) + access.count)
		return -EINVAL;
	vu->ops->region_write(vu->device, access.region, access.offset, body + sizeof(access),
			      access.count);
	memcpy(vu->out, &access, sizeof(access));
	*reply_len = sizeof(access);
	return 0;
}

static int handle_reset(struct vfio_user *vu, const uint8_t *body, size_t len, size_t *reply_len)
{
	(void)body;
	(void)len;
	*reply_len = 0;
	vu->ops->reset(vu->device);
	vu->intx_masked = false;
	vu->msi_level = false;
	return 0;
}

/* Migration probing: the answer Linux gives for a feature it does not have. */
static int handle_feature(struct vfio_user *vu, const uint8_t *body, size_t len, size_t *reply_len)
{
	(void)vu;
	(void)body;
	(void)len;
	*reply_len = 0;
	return -ENOTTY;
}

struct command {
	int (*handle)(struct vfio_user *vu, const uint8_t *body, size_t len, size_t *reply_len);
	size_t min_len, max_len;
	unsigned int max_fds;
};

static const struct command commands[] = {
	[CMD_VERSION] = { handle_version, 4, 65536, 0 },
	[CMD_DMA_MAP] = { handle_dma_map, 32, 32, 1 },
	[CMD_DMA_UNMAP] = { handle_dma_unmap, 24, 24, 0 },
	/* Those with an argsz may grow in later clients. */
	[CMD_GET_INFO] = { handle_get_info, 16, 4096, 0 },
	[CMD_REGION_INFO] = { handle_region_info, 32, 4096, 0 },
	[CMD_IRQ_INFO] = { vfio_handle_irq_info, 16, 4096, 0 },
	[CMD_SET_IRQS] = { vfio_handle_set_irqs, 20, 4096, 1 },
	[CMD_REGION_READ] = { handle_region_read, 16, 16, 0 },
	[CMD_REGION_WRITE] = { handle_region_write, 17, VFIO_MAX_BODY, 0 },
	[CMD_RESET] = { handle_reset, 0, 0, 0 },
	[CMD_DEVICE_FEATURE] = { handle_feature, 0, VFIO_MAX_BODY, 0 },
};

static int run_command(struct vfio_user *vu, size_t *reply_len)
{
	const struct vfio_header *header = &vu->wire.header;
	size_t len = header->size - sizeof(*header);
	const struct command *command;
	int ret;

	if (header->flags & ~(VFIO_FLAG_TYPE | VFIO_FLAG_NO_REPLY))
		return -EINVAL;
	/* A reply that nobody asked for comes here too. */
	if (header->flags & VFIO_FLAG_TYPE)
		return -EINVAL;
	if (header->command >= ARRAY_SIZE(commands))
		return -EOPNOTSUPP;
	command = &commands[header->command];
	if (!command->handle)
		return -EOPNOTSUPP;
	if (!vu->versioned && header->command != CMD_VERSION)
		return -EINVAL;
	if (len < command->min_len || len > command->max_len)
		return -EINVAL;
	if (vu->wire.too_many_fds || vu->wire.nr_fds > command->max_fds)
		return -EINVAL;
	handling = true;
	ret = command->handle(vu, vu->wire.body, len, reply_len);
	handling = false;
	return ret;
}

static void log_refusal(struct vfio_user *vu, int error)
{
	const struct vfio_header *header = &vu->wire.header;

	if (header->command == CMD_DEVICE_FEATURE || header->command == CMD_IRQ_INFO ||
	    vu->errors >= LOGGED_ERRORS)
		return;
	vu->errors++;
	log_line(vu->name, "vfio-user command %u of %u bytes, flags %x refused: %s%s",
		 header->command, header->size, header->flags, strerror(-error),
		 vu->errors == LOGGED_ERRORS ? " (further ones are not logged)" : "");
}

int vfio_handle_message(struct vfio_user *vu)
{
	struct vfio_header reply = vu->wire.header;
	size_t reply_len = 0;
	int ret = run_command(vu, &reply_len);

	if (ret)
		log_refusal(vu, ret);
	if (vu->wire.header.flags & VFIO_FLAG_NO_REPLY) {
		ret = 0;
	} else {
		reply.flags = VFIO_FLAG_REPLY | (ret ? VFIO_FLAG_ERROR : 0);
		reply.error = -ret;
		ret = vfio_wire_send(&vu->wire, &reply, vu->out, ret ? 0 : reply_len, NULL, 0);
	}
	/* Any access may have changed the condition, and arming or unmasking asks for it. */
	if (!ret)
		vfio_user_interrupt(vu);
	return ret;
}
