// SPDX-License-Identifier: GPL-2.0-or-later
#include "config_pages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "firmware.h"
#include "log.h"
#include "mpi.h"
#include "negotiation.h"
#include "referee.h"
#include "sgl.h"

#define MAX_PAGE 76			/* bytes: SCSI Port Page 2, Manufacturing Page 0 */
#define PERIOD_ULTRA320 0x08
#define PERIOD_ULTRA160 0x09

/* SCSI Port Page 1 */
#define PORT1_CONFIGURATION 0x04
#define PORT1_TARGET_CONFIG 0x0c
/* SCSI Device Pages 0 and 1 */
#define DEVICE_PARAMETERS 0x04
#define DEVICE0_INFORMATION 0x08

enum page_id {
	P_IO_UNIT_2,
	P_MANUFACTURING_0,
	P_IOC_1,
	P_IOC_4,
	P_SCSI_PORT_0,
	P_SCSI_PORT_1,
	P_SCSI_PORT_2,
	P_SCSI_DEVICE_0,
	P_SCSI_DEVICE_1,
	NR_PAGES,
};

struct page_kind {
	uint8_t type, number, version, dwords, attribute;
};

/* HW-46: Linux keeps SCSI Device Pages on its stack, so 3 and 4 dwords, never more. */
static const struct page_kind page_kinds[NR_PAGES] = {
	[P_IO_UNIT_2] = { PAGE_IO_UNIT, 2, 2, 8, PAGE_READ_ONLY },
	[P_MANUFACTURING_0] = { PAGE_MANUFACTURING, 0, 0, 19, PAGE_READ_ONLY },
	[P_IOC_1] = { PAGE_IOC, 1, 2, 5, PAGE_PERSISTENT },
	[P_IOC_4] = { PAGE_IOC, 4, 0, 2, PAGE_CHANGEABLE },
	[P_SCSI_PORT_0] = { PAGE_SCSI_PORT, 0, 1, 3, PAGE_READ_ONLY },
	[P_SCSI_PORT_1] = { PAGE_SCSI_PORT, 1, 3, 4, PAGE_PERSISTENT },
	[P_SCSI_PORT_2] = { PAGE_SCSI_PORT, 2, 2, 19, PAGE_PERSISTENT },
	[P_SCSI_DEVICE_0] = { PAGE_SCSI_DEVICE, 0, 4, 3, PAGE_READ_ONLY },
	[P_SCSI_DEVICE_1] = { PAGE_SCSI_DEVICE, 1, 5, 4, PAGE_CHANGEABLE },
};

struct page_copy {
	uint8_t data[NR_PAGES][MAX_PAGE];
	uint8_t device1[BUS_MAX_IDS][MAX_PAGE];
};

struct config_pages {
	struct firmware *fw;
	struct page_copy current, nvram;
};

struct config_request {
	const struct request *request;
	enum page_id page;
	unsigned int id;		/* SCSI Device pages */
	bool target_form;		/* of the address */
	size_t size;
};

static size_t page_size(enum page_id page)
{
	return 4u * page_kinds[page].dwords;
}

/* Power-on values */

static uint32_t capabilities(const struct function_options *options)
{
	uint32_t value = SPI_AIP;	/* HW-39 */

	value |= (options->min_period & 0xff) << SPI_PERIOD_SHIFT;
	value |= (options->max_offset & 0xff) << SPI_OFFSET_SHIFT;
	if (options->wide)
		value |= SPI_WIDE;
	if (options->min_period <= PERIOD_ULTRA160)
		value |= SPI_DT | SPI_QAS;
	if (options->packetized)
		value |= SPI_IU;
	return value;
}

static void make_header(uint8_t *data, enum page_id page)
{
	data[PAGE_VERSION] = page_kinds[page].version;
	data[PAGE_LENGTH] = page_kinds[page].dwords;
	data[PAGE_NUMBER] = page_kinds[page].number;
	data[PAGE_TYPE] = page_kinds[page].type | page_kinds[page].attribute;
}

/* HW-40, HW-41.  Unless it was set up before, the port is no target until the host says so. */
static void make_port_1(uint8_t *data, const struct function_options *options)
{
	mpi_put32(data + PORT1_CONFIGURATION,
		  options->scsi_id | UINT32_C(1) << (16 + options->scsi_id));
	if (options->set_up && options->role & ROLE_TARGET)
		data[PORT1_TARGET_CONFIG] = options->role & ROLE_INITIATOR ?
			TARGET_CONFIG_INITIATOR_TARGET : TARGET_CONFIG_TARGET_ONLY;
}

/* HW-44 */
static void make_port_2(uint8_t *data, const struct function_options *options)
{
	uint16_t flags = options->disconnect ? 0x000f : 0x000e;
	unsigned int id;

	if (!options->wide)
		flags |= 0x0010;
	mpi_put32(data + 0x04, 0x00000002);
	mpi_put32(data + 0x08, 0x00000230 | options->scsi_id);
	for (id = 0; id < BUS_MAX_IDS; id++) {
		uint8_t *settings = data + 0x0c + 4 * id;

		settings[0] = 10;	/* seconds */
		settings[1] = (uint8_t)options->min_period;
		mpi_put16(settings + 2, flags);
	}
}

static void make_copy(struct page_copy *copy, const struct function_options *options)
{
	unsigned int i;

	memset(copy, 0, sizeof(*copy));
	for (i = 0; i < NR_PAGES; i++)
		make_header(copy->data[i], i);
	memcpy(copy->data[P_MANUFACTURING_0] + 0x04, "LSI53C1030", 10);
	memcpy(copy->data[P_MANUFACTURING_0] + 0x14, "C0", 2);
	memcpy(copy->data[P_MANUFACTURING_0] + 0x1c, "mptcard", 7);
	mpi_put32(copy->data[P_SCSI_PORT_0] + 0x04, capabilities(options));
	mpi_put32(copy->data[P_SCSI_PORT_0] + 0x08, 0xfe000003);	/* LVD, bus free */
	make_port_1(copy->data[P_SCSI_PORT_1], options);
	make_port_2(copy->data[P_SCSI_PORT_2], options);
	for (i = 0; i < BUS_MAX_IDS; i++) {
		make_header(copy->device1[i], P_SCSI_DEVICE_1);
		mpi_put32(copy->device1[i] + DEVICE_PARAMETERS, capabilities(options));
	}
}

/* Between pages and bus */

static void parameters_from_page(struct bus_parameters *p, uint32_t value)
{
	*p = (struct bus_parameters){
		.period = (uint8_t)(value >> SPI_PERIOD_SHIFT),
		.offset = (uint8_t)(value >> SPI_OFFSET_SHIFT),
		.wide = value & SPI_WIDE,
		.packetized = value & SPI_IU,
		.dt = value & SPI_DT,
		.qas = value & SPI_QAS,
		.hold_mcs = value & SPI_HOLD_MCS,
		.write_flow = value & SPI_WR_FLOW,
		.read_stream = value & SPI_RD_STRM,
		.rti = value & SPI_RTI,
		.pcomp = value & SPI_PCOMP,
	};
}

static uint32_t page_from_parameters(const struct bus_parameters *p)
{
	return (uint32_t)p->period << SPI_PERIOD_SHIFT | (uint32_t)p->offset << SPI_OFFSET_SHIFT |
	       (p->wide ? SPI_WIDE : 0) | (p->packetized ? SPI_IU : 0) | (p->dt ? SPI_DT : 0) |
	       (p->qas ? SPI_QAS : 0) | (p->hold_mcs ? SPI_HOLD_MCS : 0) |
	       (p->write_flow ? SPI_WR_FLOW : 0) | (p->read_stream ? SPI_RD_STRM : 0) |
	       (p->rti ? SPI_RTI : 0) | (p->pcomp ? SPI_PCOMP : 0);
}

/* HW-45 */
static void apply_request(struct config_pages *pages, unsigned int id)
{
	struct bus_parameters request;

	parameters_from_page(&request, mpi_get32(pages->current.device1[id] + DEVICE_PARAMETERS));
	bus_set_request(pages->fw->port, id, &request);
}

static void apply_capability(struct config_pages *pages)
{
	const struct function_options *options = pages->fw->options;
	bool paced = options->packetized && options->min_period <= PERIOD_ULTRA320;
	struct bus_parameters capability;

	parameters_from_page(&capability, capabilities(options));
	capability.hold_mcs = paced;
	capability.write_flow = paced;
	capability.read_stream = paced;
	capability.rti = paced;
	capability.pcomp = paced;
	bus_set_capability(pages->fw->port, &capability);
}

static uint32_t port_configuration(const struct config_pages *pages)
{
	return mpi_get32(pages->current.data[P_SCSI_PORT_1] + PORT1_CONFIGURATION);
}

static uint8_t target_config(const struct config_pages *pages)
{
	return pages->current.data[P_SCSI_PORT_1][PORT1_TARGET_CONFIG];
}

unsigned int config_pages_own_id(const struct config_pages *pages)
{
	return port_configuration(pages) & 0x0f;
}

bool config_pages_initiator(const struct config_pages *pages)
{
	return target_config(pages) != TARGET_CONFIG_TARGET_ONLY;
}

uint16_t config_pages_target_ids(const struct config_pages *pages)
{
	return target_config(pages) ? (uint16_t)(port_configuration(pages) >> 16) : 0;
}

bool config_pages_own_id_answers(const struct config_pages *pages)
{
	return port_configuration(pages) >> 16 & 1u << config_pages_own_id(pages);
}

static int bus_own_id(const struct config_pages *pages)
{
	if (!(pages->fw->options->role & ROLE_INITIATOR))
		return -1;
	return (int)config_pages_own_id(pages);
}

/* HW-42.  All target IDs go first, so that the own ID can move to one of them. */
static int apply_port_1(struct config_pages *pages)
{
	int ret = bus_set_target_ids(pages->fw->port, 0);

	if (!ret)
		ret = bus_set_initiator_id(pages->fw->port, bus_own_id(pages));
	if (!ret)
		ret = firmware_apply_target_ids(pages->fw);
	return ret;
}

/* Requests */

static void reply(struct config_pages *pages, const struct config_request *c, uint16_t status)
{
	const uint8_t *frame = c->request->frame;
	uint8_t message[CONFIG_REPLY_SIZE] = { 0 };

	message[CONFIG_ACTION] = frame[CONFIG_ACTION];
	message[REPLY_LENGTH] = CONFIG_REPLY_SIZE / 4;
	message[REPLY_FUNCTION] = FN_CONFIG;
	mpi_put32(message + REPLY_CONTEXT, mpi_get32(frame + REQ_CONTEXT));
	mpi_put16(message + REPLY_IOC_STATUS, status);
	if (c->page < NR_PAGES)
		make_header(message + CONFIG_HEADER, c->page);
	else
		memcpy(message + CONFIG_HEADER, frame + CONFIG_HEADER, PAGE_HEADER_SIZE);
	firmware_reply(pages->fw, message, sizeof(message));
}

static bool known_type(uint8_t type)
{
	unsigned int i;

	for (i = 0; i < NR_PAGES; i++)
		if (page_kinds[i].type == type)
			return true;
	return false;
}

/* HW-47: what was agreed as the target of an initiator may have addresses of its own. */
static bool find_device(const struct config_pages *pages, struct config_request *c,
			uint32_t address)
{
	c->target_form = pages->fw->options->target_page_form && c->page == P_SCSI_DEVICE_0 &&
			 (address & DEVICE_FORM_MASK) == DEVICE_FORM_TARGET_MODE;
	if (c->target_form) {
		address &= ~DEVICE_FORM_MASK;
		if ((address & 0xff) >= BUS_MAX_IDS ||
		    address >> DEVICE_TARGET_MODE_BUS_SHIFT & 0xff)
			return false;
		address >>= DEVICE_TARGET_MODE_INITIATOR_SHIFT;
	}
	c->id = address;
	return address < BUS_MAX_IDS;
}

static uint16_t find_page(const struct config_pages *pages, struct config_request *c)
{
	const uint8_t *header = c->request->frame + CONFIG_HEADER;
	uint32_t address = mpi_get32(c->request->frame + CONFIG_ADDRESS);
	uint8_t type = header[PAGE_TYPE] & PAGE_TYPE_MASK;
	unsigned int i;

	for (i = 0; i < NR_PAGES; i++)
		if (page_kinds[i].type == type && page_kinds[i].number == header[PAGE_NUMBER])
			break;
	if (i == NR_PAGES)
		return known_type(type) || type == PAGE_EXTENDED ? STATUS_CONFIG_INVALID_PAGE :
								   STATUS_CONFIG_INVALID_TYPE;
	c->page = i;
	c->size = page_size(i);
	/* Bus 0 and one port are all there is. */
	if (type == PAGE_SCSI_DEVICE ? find_device(pages, c, address) :
				       type != PAGE_SCSI_PORT || !address)
		return STATUS_SUCCESS;
	c->page = NR_PAGES;
	return STATUS_CONFIG_INVALID_PAGE;
}

static uint8_t *page_in(struct page_copy *copy, const struct config_request *c)
{
	return c->page == P_SCSI_DEVICE_1 ? copy->device1[c->id] : copy->data[c->page];
}

/* HW-47 */
static bool shows_agreement(const struct config_pages *pages, const struct config_request *c)
{
	return !pages->fw->options->target_page_form ||
	       (bus_agreed_ids(pages->fw->port, c->target_form) & 1u << c->id);
}

/* HW-46 */
static void refresh(struct config_pages *pages, const struct config_request *c)
{
	uint8_t *data = page_in(&pages->current, c);
	struct bus_parameters agreed = negotiation_asynchronous;

	if (c->page != P_SCSI_DEVICE_0)
		return;
	if (shows_agreement(pages, c))
		bus_agreed(pages->fw->port, c->id, &agreed);
	mpi_put32(data + DEVICE_PARAMETERS, page_from_parameters(&agreed));
	mpi_put32(data + DEVICE0_INFORMATION,
		  agreed.offset || agreed.wide ? DEVICE0_NEGOTIATED : 0);
}

/* Moves the page, or what of it the host's list holds. */
static uint16_t transfer(struct config_pages *pages, const struct config_request *c, uint8_t *data,
			 bool to_host)
{
	const struct request *request = c->request;
	struct firmware *fw = pages->fw;
	struct sgl sgl;
	const char *why;
	uint64_t sgl_first;
	size_t length;
	int ret;

	ret = sgl_parse(&sgl, fw->dma, request->frame, request->length, CONFIG_SGE,
			request->frame[REQ_CHAIN_OFFSET], fw->options->max_chain_depth, &why);
	if (ret) {
		log_line(fw->options->name, "config page: %s", why);
		return STATUS_INVALID_SGL;
	}
	sgl_first = sgl.nr_segments ? sgl.segments[0].addr : 0;
	length = sgl.length < c->size ? (size_t)sgl.length : c->size;
	ret = to_host ? sgl_write(&sgl, fw->dma, 0, data, length) :
			sgl_read(&sgl, fw->dma, 0, data, length);
	sgl_free(&sgl);
	if (ret && referee_strict(fw))
		firmware_dma_failed(fw, ret, "configuration page", sgl_first);
	return ret ? STATUS_INVALID_SGL : STATUS_SUCCESS;
}

static uint16_t read_page(struct config_pages *pages, const struct config_request *c,
			  struct page_copy *copy)
{
	refresh(pages, c);
	return transfer(pages, c, page_in(copy, c), true);
}

static uint16_t read_default(struct config_pages *pages, const struct config_request *c)
{
	struct page_copy defaults;

	make_copy(&defaults, pages->fw->options);
	if (c->page == P_SCSI_DEVICE_0)
		return STATUS_CONFIG_NO_DEFAULTS;
	return transfer(pages, c, page_in(&defaults, c), true);
}

static bool valid_port_1(const struct config_pages *pages, const uint8_t *data)
{
	uint8_t config = data[PORT1_TARGET_CONFIG];
	enum card_role role = pages->fw->options->role;

	if ((mpi_get32(data + PORT1_CONFIGURATION) & 0xff) >= BUS_MAX_IDS)
		return false;
	if (config > TARGET_CONFIG_INITIATOR_TARGET)
		return false;
	if (config && !(role & ROLE_TARGET))
		return false;
	return config != TARGET_CONFIG_INITIATOR_TARGET || (role & ROLE_INITIATOR);
}

/* Makes @data the current values; on failure they stay what they were. */
static uint16_t set_current(struct config_pages *pages, const struct config_request *c,
			    const uint8_t *data)
{
	uint8_t *current = page_in(&pages->current, c);
	uint8_t before[MAX_PAGE];

	memcpy(before, current, c->size);
	memcpy(current, data, c->size);
	if (c->page == P_SCSI_DEVICE_1)
		apply_request(pages, c->id);
	if (c->page == P_SCSI_PORT_1 && apply_port_1(pages)) {
		memcpy(current, before, c->size);
		if (apply_port_1(pages))
			log_line(pages->fw->options->name, "the IDs before are taken by now");
		return STATUS_CONFIG_CANT_COMMIT;
	}
	return STATUS_SUCCESS;
}

static uint16_t write_page(struct config_pages *pages, const struct config_request *c, bool nvram)
{
	uint8_t attribute = page_kinds[c->page].attribute;
	struct page_copy *copy = nvram ? &pages->nvram : &pages->current;
	uint8_t data[MAX_PAGE];
	uint16_t status;

	if (attribute == PAGE_READ_ONLY)
		return STATUS_CONFIG_INVALID_ACTION;
	if (nvram && attribute != PAGE_PERSISTENT)
		return STATUS_CONFIG_CANT_COMMIT;
	memcpy(data, page_in(copy, c), c->size);
	status = transfer(pages, c, data, false);
	if (status)
		return status;
	make_header(data, c->page);
	if (c->page == P_SCSI_PORT_1 && !valid_port_1(pages, data))
		return STATUS_CONFIG_INVALID_DATA;
	if (!nvram)
		return set_current(pages, c, data);
	memcpy(page_in(copy, c), data, c->size);
	return STATUS_SUCCESS;
}

static uint16_t set_default(struct config_pages *pages, const struct config_request *c)
{
	struct page_copy defaults;
	uint16_t status;

	if (page_kinds[c->page].attribute == PAGE_READ_ONLY)
		return STATUS_CONFIG_NO_DEFAULTS;
	make_copy(&defaults, pages->fw->options);
	status = set_current(pages, c, page_in(&defaults, c));
	if (!status && page_kinds[c->page].attribute == PAGE_PERSISTENT)
		memcpy(page_in(&pages->nvram, c), page_in(&defaults, c), c->size);
	return status;
}

static uint16_t act(struct config_pages *pages, const struct config_request *c)
{
	switch (c->request->frame[CONFIG_ACTION]) {
	case CONFIG_READ_HEADER:
		return STATUS_SUCCESS;
	case CONFIG_READ_CURRENT:
		return read_page(pages, c, &pages->current);
	case CONFIG_WRITE_CURRENT:
		return write_page(pages, c, false);
	case CONFIG_DEFAULT:
		return set_default(pages, c);
	case CONFIG_WRITE_NVRAM:
		return write_page(pages, c, true);
	case CONFIG_READ_DEFAULT:
		return read_default(pages, c);
	case CONFIG_READ_NVRAM:
		return read_page(pages, c, page_kinds[c->page].attribute == PAGE_PERSISTENT ?
					   &pages->nvram : &pages->current);
	}
	return STATUS_CONFIG_INVALID_ACTION;
}

void config_pages_request(struct config_pages *pages, const struct request *request)
{
	struct config_request c = { .request = request, .page = NR_PAGES };
	uint16_t status;

	if (request->length < CONFIG_SGE) {
		firmware_reply_default(pages->fw, request, STATUS_INVALID_FIELD);
		return;
	}
	status = find_page(pages, &c);
	if (!status)
		status = act(pages, &c);
	reply(pages, &c, status);
}

static void apply_all(struct config_pages *pages)
{
	unsigned int id;

	apply_capability(pages);
	for (id = 0; id < BUS_MAX_IDS; id++)
		apply_request(pages, id);
}

struct config_pages *config_pages_new(struct firmware *fw)
{
	struct config_pages *pages = calloc(1, sizeof(*pages));

	if (!pages)
		return NULL;
	pages->fw = fw;
	make_copy(&pages->nvram, fw->options);
	pages->current = pages->nvram;
	apply_all(pages);
	return pages;
}

void config_pages_free(struct config_pages *pages)
{
	free(pages);
}

void config_pages_power_on(struct config_pages *pages)
{
	int ret;

	pages->current = pages->nvram;
	apply_all(pages);
	ret = bus_set_initiator_id(pages->fw->port, bus_own_id(pages));
	if (ret)
		log_line(pages->fw->options->name, "own ID %u is taken: %s",
			 config_pages_own_id(pages), strerror(-ret));
}
