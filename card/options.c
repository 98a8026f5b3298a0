// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "options.h"

#ifndef MPTCARD_VERSION
#define MPTCARD_VERSION "0.1"
#endif

enum option_type { TYPE_CHOICE, TYPE_BOOL, TYPE_U8, TYPE_U16, TYPE_U32, TYPE_UINT };

struct function_option {
	const char *name;
	enum option_type type;
	size_t offset;
	uint32_t min, max;
	bool hexadecimal;		/* as it is printed */
	const char *fact;		/* number in docs/hardware.md */
	const char *help;
	const char *const *choices;	/* names of min to max */
};

#define OPTION(name, type, field, min, max, hex, fact, help) \
	{ name, type, offsetof(struct function_options, field), min, max, hex, fact, help, NULL }
#define CHOICE(name, field, min, max, choices, fact, help) \
	{ name, TYPE_CHOICE, offsetof(struct function_options, field), min, max, false, fact, \
	  help, choices }

static const char *const roles[] = { "initiator", "target", "both" };
static const char *const index_kinds[] = { "id", "arrival" };
static const char *const untagged_attributes[] = { "untagged", "simple" };
static const char *const tmf_ends[] = { "status", "at-once" };
static const char *const tmf_clearings[] = { "own", "all" };
static const char *const reset_statuses[] = { "aborted", "retryable", "no-connection" };

static const struct function_option function_options[] = {
	CHOICE("role", role, ROLE_INITIATOR, ROLE_BOTH, roles, "HW-29", "what the firmware can be"),
	OPTION("id", TYPE_UINT, scsi_id, 0, 15, false, "HW-40",
	       "SCSI ID: the initiator's own, the target's until the host sets another"),
	OPTION("device-id", TYPE_U16, device_id, 1, 0xfffe, true, "HW-1", "PCI device ID"),
	OPTION("revision", TYPE_U8, revision, 0, 0xff, true, "HW-2", "PCI revision; 8 is C0"),
	OPTION("bar-64", TYPE_BOOL, bar_64, 0, 1, false, "HW-3", "memory BARs are 64 bits wide"),
	OPTION("fw-version", TYPE_U32, fw_version, 0, 0xffffffff, true, "HW-116",
	       "IOCFacts.FWVersion, one byte a component"),
	OPTION("credits", TYPE_U16, credits, 11, 1024, false, "HW-27",
	       "IOCFacts.GlobalCredits: requests at a time"),
	OPTION("max-posted", TYPE_U16, max_posted, 1, 2048, false, "HW-28",
	       "PortFacts.MaxPostedCmdBuffers"),
	OPTION("frame-dwords", TYPE_U16, frame_dwords, 16, 32, false, "HW-16",
	       "IOCFacts.RequestFrameSize"),
	OPTION("max-chain-depth", TYPE_U8, max_chain_depth, 1, 255, false, "HW-27",
	       "IOCFacts.MaxChainDepth"),
	OPTION("high-priority-fifo", TYPE_BOOL, high_priority_fifo, 0, 1, false, "HW-17",
	       "the FIFO at 48h exists; else task management comes by the doorbell"),
	OPTION("packetized", TYPE_BOOL, packetized, 0, 1, false, "HW-39",
	       "the port can transfer information units"),
	OPTION("disconnect", TYPE_BOOL, disconnect, 0, 1, false, "HW-90",
	       "the initiator lets targets disconnect"),
	OPTION("min-period", TYPE_UINT, min_period, 8, 0xff, true, "HW-89",
	       "shortest transfer period factor: 8 Ultra320, 9 Ultra160, 0xa Ultra2"),
	OPTION("max-offset", TYPE_UINT, max_offset, 0, 0xff, false, "HW-39",
	       "largest REQ/ACK offset; 0: asynchronous only"),
	OPTION("wide", TYPE_BOOL, wide, 0, 1, false, "HW-39", "16 data lines"),
	OPTION("set-up", TYPE_BOOL, set_up, 0, 1, false, "HW-41",
	       "somebody set the port up as a target before: TargetConfig says so from power-on"),
	OPTION("post-batch", TYPE_U8, post_batch, 1, 255, false, "HW-50",
	       "command buffers that one post message may hold"),
	OPTION("late-post-ack", TYPE_BOOL, late_post_ack, 0, 1, false, "HW-53",
	       "a command may overtake the acknowledge of its buffer's post"),
	OPTION("own-id-bit", TYPE_BOOL, own_id_bit, 0, 1, false, "HW-130",
	       "an initiator is reselected only if its own ID is in the response mask"),
	OPTION("target-page-form", TYPE_BOOL, target_page_form, 0, 1, false, "HW-47",
	       "what was agreed as a target shows under the target-mode page address only"),
	CHOICE("initiator-index", initiator_index, INDEX_IS_ID, INDEX_BY_ARRIVAL, index_kinds,
	       "HW-60", "how a target numbers initiators: by SCSI ID, or as they come"),
	CHOICE("untagged-attribute", untagged_attribute, UNTAGGED_SHOWS_UNTAGGED,
	       UNTAGGED_SHOWS_SIMPLE, untagged_attributes, "HW-66",
	       "task attribute that a target is shown for untagged commands"),
	CHOICE("tmf-end", tmf_end, TMF_ENDS_BY_STATUS, TMF_ENDS_AT_ONCE, tmf_ends, "HW-95",
	       "task management is over with the host's status, or once it was received"),
	CHOICE("tmf-clears", tmf_clears, TMF_CLEARS_OWN, TMF_CLEARS_ALL, tmf_clearings, "HW-153",
	       "whose tasks are over with a function, without the host: its initiator's, or all"),
	OPTION("bus-reset-data", TYPE_BOOL, bus_reset_data, 0, 1, false, "HW-96",
	       "the event of a bus reset has a data word"),
	OPTION("message-abort", TYPE_BOOL, message_abort, 0, 1, false, "HW-127",
	       "TargetModeAbort of one message is done; else it is refused"),
	OPTION("repost-after-6b", TYPE_BOOL, repost_after_6b, 0, 1, false, "HW-97",
	       "a status with sense and REPOST that ends in 6Bh gives the buffer back as well"),
	OPTION("length-fault", TYPE_BOOL, length_fault, 0, 1, false, "HW-98",
	       "fast target transfers of odd lengths lose their last bytes"),
	OPTION("frame-limit", TYPE_U16, frame_limit, 0, 512, false, "HW-99",
	       "an assist that uses more bytes of a frame or chain segment fails; 0: none does"),
	CHOICE("bus-reset-status", bus_reset_status, RESET_IS_ABORTED, RESET_IS_NO_CONNECTION,
	       reset_statuses, "HW-107", "answer to messages about tasks that a bus reset ended"),
	OPTION("assist-status", TYPE_U8, assist_status, 0, 0x71, true, "HW-80",
	       "IOCStatus in which every 16th assist ends after its data; 0: none"),
	OPTION("priority-reason", TYPE_U8, priority_reason, 0, 0xff, true, "HW-101",
	       "PriorityReason with which every 16th command arrives; 0: none"),
	OPTION("stray-replies", TYPE_BOOL, stray_replies, 0, 1, false, "HW-145",
	       "now and then replies name an index, initiator or request that is not there"),
};

#define NR_FUNCTION_OPTIONS ARRAY_SIZE(function_options)

/* The parse: the command line is gone through several times, once for each kind of argument. */
struct parse {
	struct card_options *options;
	char *error;
	size_t error_size;
	char *pair_names[CARD_MAX_FUNCTIONS];
	bool id_given[CARD_MAX_FUNCTIONS];
};

static int __attribute__((format(printf, 2, 3))) bad(struct parse *parse, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(parse->error, parse->error_size, format, args);
	va_end(args);
	return -EINVAL;
}

static unsigned int default_id(enum card_role role)
{
	return role == ROLE_INITIATOR ? 7 : 0;
}

void options_default_function(struct function_options *options, const char *name,
			      enum card_role role)
{
	*options = (struct function_options){
		.role = role,
		.scsi_id = default_id(role),
		.pair = -1,
		.device_id = 0x0030,
		.revision = 0x08,
		.fw_version = 0x01032700,
		.credits = 224,
		.max_posted = 128,
		.frame_dwords = 32,
		.max_chain_depth = 34,
		.high_priority_fifo = true,
		.packetized = true,
		.disconnect = true,
		.min_period = 8,
		.max_offset = 127,
		.wide = true,
		.post_batch = 255,
		.own_id_bit = true,
		.message_abort = true,
		.repost_after_6b = true,
	};
	snprintf(options->name, sizeof(options->name), "%s", name);
}

const char *options_role_name(enum card_role role)
{
	return roles[role - ROLE_INITIATOR];
}

/* Values */

static int parse_number(const char *text, uint64_t max, uint64_t *value)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &end, 0);
	return *end || errno || *value > max ? -EINVAL : 0;
}

static int parse_choice(const struct function_option *option, const char *text, uint64_t *value)
{
	uint32_t i;

	for (i = option->min; i <= option->max; i++) {
		if (!strcmp(text, option->choices[i - option->min])) {
			*value = i;
			return 0;
		}
	}
	return -EINVAL;
}

static void store(struct function_options *to, const struct function_option *option, uint64_t value)
{
	void *field = (char *)to + option->offset;

	switch (option->type) {
	case TYPE_CHOICE:		/* all enumerations here are of int's size */
		*(unsigned int *)field = value;
		break;
	case TYPE_BOOL:
		*(bool *)field = value;
		break;
	case TYPE_U8:
		*(uint8_t *)field = value;
		break;
	case TYPE_U16:
		*(uint16_t *)field = value;
		break;
	case TYPE_U32:
		*(uint32_t *)field = value;
		break;
	case TYPE_UINT:
		*(unsigned int *)field = value;
		break;
	}
}

static uint64_t load(const struct function_options *from, const struct function_option *option)
{
	const void *field = (const char *)from + option->offset;

	switch (option->type) {
	case TYPE_BOOL:
		return *(const bool *)field;
	case TYPE_U8:
		return *(const uint8_t *)field;
	case TYPE_U16:
		return *(const uint16_t *)field;
	case TYPE_U32:
		return *(const uint32_t *)field;
	default:			/* and of enumerations */
		return *(const unsigned int *)field;
	}
}

static void format_value(const struct function_option *option, uint64_t value, char *text,
			 size_t size)
{
	if (option->type == TYPE_CHOICE)
		snprintf(text, size, "%s", option->choices[value - option->min]);
	else if (option->type == TYPE_BOOL)
		snprintf(text, size, "%s", value ? "on" : "off");
	else
		snprintf(text, size, option->hexadecimal ? "0x%llx" : "%llu",
			 (unsigned long long)value);
}

static void format_choices(const struct function_option *option, char *text, size_t size)
{
	size_t used = 0;
	uint32_t i;

	for (i = option->min; i <= option->max && used < size; i++) {
		const char *before = i == option->min ? "" : i < option->max ? ", " : " or ";

		used += (size_t)snprintf(text + used, size - used, "%s%s", before,
					 option->choices[i - option->min]);
	}
}

static void format_allowed(const struct function_option *option, char *text, size_t size)
{
	char min[16], max[16];

	if (option->type == TYPE_CHOICE) {
		format_choices(option, text, size);
	} else if (option->type == TYPE_BOOL) {
		snprintf(text, size, "on or off");
	} else {
		format_value(option, option->min, min, sizeof(min));
		format_value(option, option->max, max, sizeof(max));
		snprintf(text, size, "%s to %s", min, max);
	}
}

static int parse_value(const struct function_option *option, const char *text, uint64_t *value)
{
	if (option->type == TYPE_CHOICE)
		return parse_choice(option, text, value);
	if (option->type == TYPE_BOOL) {
		*value = !strcmp(text, "on");
		return *value || !strcmp(text, "off") ? 0 : -EINVAL;
	}
	if (parse_number(text, option->max, value) || *value < option->min)
		return -EINVAL;
	return 0;
}

static const struct function_option *find_option(const char *name, size_t len)
{
	for (size_t i = 0; i < NR_FUNCTION_OPTIONS; i++) {
		if (strlen(function_options[i].name) == len &&
		    !strncmp(function_options[i].name, name, len))
			return &function_options[i];
	}
	return NULL;
}

static int set_option(struct parse *parse, unsigned int function,
		      const struct function_option *option, const char *text)
{
	struct function_options *to = &parse->options->functions[function];
	char allowed[80];
	uint64_t value;

	if (parse_value(option, text, &value)) {
		format_allowed(option, allowed, sizeof(allowed));
		return bad(parse, "bad value '%s' for %s: allowed is %s", text, option->name,
			   allowed);
	}
	store(to, option, value);
	if (option->offset == offsetof(struct function_options, scsi_id))
		parse->id_given[function] = true;
	return 0;
}

/* --function NAME,socket=PATH[,role=...][,id=N][,pair=NAME] */

#define NAME_CHARACTERS \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

static bool is_function_name(const char *name)
{
	size_t len = strlen(name);

	return len && len < sizeof(((struct function_options *)0)->name) &&
	       strspn(name, NAME_CHARACTERS) == len;
}

static int find_function(const struct card_options *options, const char *name, size_t len)
{
	for (unsigned int i = 0; i < options->nr_functions; i++) {
		if (strlen(options->functions[i].name) == len &&
		    !strncmp(options->functions[i].name, name, len))
			return i;
	}
	return -1;
}

static int set_socket(struct parse *parse, struct function_options *function, const char *path)
{
	struct card_options *options = parse->options;
	unsigned int i;

	if (!*path || strlen(path) >= sizeof(function->socket))
		return bad(parse, "socket path of %s must have 1 to %zu characters", function->name,
			   sizeof(function->socket) - 1);
	for (i = 0; i < options->nr_functions; i++) {
		if (!strcmp(options->functions[i].socket, path))
			return bad(parse, "socket %s is given to both %s and %s", path,
				   options->functions[i].name, function->name);
	}
	strcpy(function->socket, path);
	return 0;
}

static int set_function_key(struct parse *parse, unsigned int index, char *item)
{
	struct function_options *function = &parse->options->functions[index];
	char *value = strchr(item, '=');

	if (!value)
		return bad(parse, "'%s' in --function %s is not KEY=VALUE", item, function->name);
	*value++ = '\0';
	if (!strcmp(item, "socket"))
		return set_socket(parse, function, value);
	if (!strcmp(item, "role") || !strcmp(item, "id"))
		return set_option(parse, index, find_option(item, strlen(item)), value);
	if (!strcmp(item, "pair")) {
		/* The other function may come later: looked up when all are known. */
		free(parse->pair_names[index]);
		parse->pair_names[index] = strdup(value);
		return parse->pair_names[index] ? 0 : bad(parse, "out of memory");
	}
	return bad(parse, "unknown key '%s' in --function %s: allowed are socket, role, id, pair",
		   item, function->name);
}

static int add_function(struct parse *parse, char *text)
{
	struct card_options *options = parse->options;
	unsigned int index = options->nr_functions;
	char *save, *item = strtok_r(text, ",", &save);
	int ret = 0;

	if (index == CARD_MAX_FUNCTIONS)
		return bad(parse, "more than %d functions", CARD_MAX_FUNCTIONS);
	if (!item || !is_function_name(item))
		return bad(parse, "--function needs a name of letters, digits, '_' and '-' first");
	if (find_function(options, item, strlen(item)) >= 0)
		return bad(parse, "two functions are named %s", item);
	options_default_function(&options->functions[index], item, ROLE_BOTH);
	while (!ret && (item = strtok_r(NULL, ",", &save)))
		ret = set_function_key(parse, index, item);
	if (!ret && !options->functions[index].socket[0])
		ret = bad(parse, "--function %s needs socket=PATH", options->functions[index].name);
	if (!ret)
		options->nr_functions++;
	return ret;
}

static int parse_function(struct parse *parse, const char *text)
{
	char *copy = strdup(text);
	int ret = copy ? add_function(parse, copy) : bad(parse, "out of memory");

	free(copy);
	return ret;
}

static int join_pair(struct parse *parse, unsigned int index, const char *name)
{
	struct function_options *functions = parse->options->functions;
	int other = find_function(parse->options, name, strlen(name));

	if (other < 0 || other == (int)index)
		return bad(parse, "pair=%s of %s: no other function has this name", name,
			   functions[index].name);
	if (functions[index].pair == other)
		return 0;		/* the other one has said so already */
	if (functions[index].pair >= 0 || functions[other].pair >= 0)
		return bad(parse, "%s and %s cannot be a pair: one has another partner",
			   functions[index].name, name);
	functions[index].pair = other;
	functions[other].pair = index;
	functions[(int)index < other ? other : (int)index].ioc_number = 1;
	return 0;
}

/* Arguments that are not options of a function */

struct word {
	const char *name;
	const char *argument;		/* NULL: none */
	bool optional;			/* then only =ARGUMENT gives it */
	int (*apply)(struct parse *parse, const char *value);
	const char *help;
};

static int apply_stats(struct parse *parse, const char *value)
{
	parse->options->stats_path = value;
	return 0;
}

static int apply_log(struct parse *parse, const char *value)
{
	parse->options->log_path = value;
	return 0;
}

static int apply_script(struct parse *parse, const char *value)
{
	struct card_options *options = parse->options;

	if (options->nr_scripts == CARD_MAX_SCRIPTS)
		return bad(parse, "--script %s: at most %d scripts", value, CARD_MAX_SCRIPTS);
	options->script_paths[options->nr_scripts++] = value;
	return 0;
}

static int apply_seed(struct parse *parse, const char *value)
{
	if (parse_number(value, UINT64_MAX, &parse->options->seed))
		return bad(parse, "bad value '%s' for --seed: allowed is 0 to %llu", value,
			   (unsigned long long)UINT64_MAX);
	return 0;
}

static int apply_verbose(struct parse *parse, const char *value)
{
	bool off = value && !strcmp(value, "off");

	if (value && !off && strcmp(value, "on"))
		return bad(parse, "bad value '%s' for --verbose: allowed is on or off", value);
	parse->options->verbose = !off;
	return 0;
}

static void list_options(FILE *out)
{
	struct function_options defaults;
	char value[32], allowed[80];

	options_default_function(&defaults, "", ROLE_BOTH);
	fprintf(out, "%-20s %-12s %-8s %s\n", "NAME", "DEFAULT", "FACT", "MEANING");
	for (size_t i = 0; i < NR_FUNCTION_OPTIONS; i++) {
		const struct function_option *option = &function_options[i];

		format_value(option, load(&defaults, option), value, sizeof(value));
		format_allowed(option, allowed, sizeof(allowed));
		fprintf(out, "%-20s %-12s %-8s %s (%s)\n", option->name,
			strcmp(option->name, "id") ? value : "by role", option->fact, option->help,
			allowed);
	}
}

static const struct word words[] = {
	{ "function", "NAME,socket=PATH[,role=initiator|target|both][,id=N][,pair=NAME]",
	  false, parse_function, "one PCI function; repeatable; pair joins two to a dual chip" },
	{ "stats", "FILE", false, apply_stats, "write counters as JSON, at exit and on SIGUSR1" },
	{ "log", "FILE", false, apply_log, "append the log there instead of standard error" },
	{ "script", "FILE", false, apply_script, "join the bus as an initiator that follows FILE" },
	{ "seed", "N", false, apply_seed, "start of everything that is random; default 1" },
	{ "verbose", "on|off", true, apply_verbose, "log every SCSI command" },
	{ "list-options", NULL, false, NULL, "print the options of a function" },
	{ "help", NULL, false, NULL, "print this" },
	{ "version", NULL, false, NULL, "print the version" },
};

#define NR_WORDS ARRAY_SIZE(words)

static void help(FILE *out)
{
	fputs("Usage: mptcard --function NAME,socket=PATH[,...] [OPTION...]\n"
	      "       mptcard --script FILE [OPTION...]\n"
	      "A virtual 53C1030: each function serves one QEMU (vfio-user) on its socket,\n"
	      "all of them sit on one parallel bus.\n\n", out);
	for (size_t i = 0; i < NR_WORDS; i++)
		fprintf(out, "  --%s%s%s%s\n        %s\n", words[i].name,
			words[i].optional ? "[=" : words[i].argument ? " " : "",
			words[i].argument ? words[i].argument : "", words[i].optional ? "]" : "",
			words[i].help);
	fputs("  --NAME=VALUE, --FUNCTION:NAME=VALUE\n"
	      "        an option of all functions, or of one (see --list-options)\n\n"
	      "Exit status: 0 well, 1 cannot run, 2 bad usage, 3 violations or script failures.\n",
	      out);
}

static const struct word *find_word(const char *name, size_t len)
{
	for (size_t i = 0; i < NR_WORDS; i++) {
		if (strlen(words[i].name) == len && !strncmp(words[i].name, name, len))
			return &words[i];
	}
	return NULL;
}

static int option_for(struct parse *parse, int function, const char *name, size_t len,
		      const char *value)
{
	const struct function_option *option = find_option(name, len);
	unsigned int i;
	int ret = 0;

	if (!option)
		return bad(parse, "unknown option '%.*s': see --help and --list-options", (int)len,
			   name);
	if (!value)
		return bad(parse, "--%s needs =VALUE", option->name);
	if (function >= 0)
		return set_option(parse, function, option, value);
	if (!parse->options->nr_functions)
		return bad(parse, "--%s has no function to apply to", option->name);
	for (i = 0; !ret && i < parse->options->nr_functions; i++)
		ret = set_option(parse, i, option, value);
	return ret;
}

enum pass { PASS_WORDS, PASS_ALL, PASS_ONE };

/* An option of all functions or of one, in the pass that it belongs to. */
static int function_argument(struct parse *parse, enum pass pass, const char *name, size_t len,
			     const char *value)
{
	const char *colon = memchr(name, ':', len);
	int function;

	if (!colon)
		return pass == PASS_ALL ? option_for(parse, -1, name, len, value) : 0;
	if (pass != PASS_ONE)
		return 0;
	function = find_function(parse->options, name, colon - name);
	if (function < 0)
		return bad(parse, "no function is named '%.*s'", (int)(colon - name), name);
	return option_for(parse, function, colon + 1, len - (colon + 1 - name), value);
}

static int one_word(struct parse *parse, const struct word *word, const char *value, bool apply)
{
	if (!word->argument && value)
		return bad(parse, "--%s takes no value", word->name);
	if (word->argument && (value ? !*value : !word->optional))
		return bad(parse, "--%s needs %s", word->name, word->argument);
	return apply && word->apply ? word->apply(parse, value) : 0;
}

/* One pass over the command line: what is said of one function outranks what is said of all. */
static int scan(struct parse *parse, enum pass pass, int argc, char **argv)
{
	const struct word *word;
	const char *name, *value;
	size_t len;
	int i, ret = 0;

	for (i = 1; !ret && i < argc; i++) {
		if (strncmp(argv[i], "--", 2) || !argv[i][2])
			return bad(parse, "unexpected argument '%s': see --help", argv[i]);
		name = argv[i] + 2;
		len = strcspn(name, "=");
		value = name[len] ? name + len + 1 : NULL;
		word = find_word(name, len);
		if (word) {
			if (word->argument && !word->optional && !value && i + 1 < argc)
				value = argv[++i];
			ret = one_word(parse, word, value, pass == PASS_WORDS);
		} else {
			ret = function_argument(parse, pass, name, len, value);
		}
	}
	return ret;
}

static int finish(struct parse *parse)
{
	struct card_options *options = parse->options;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < options->nr_functions; i++) {
		if (!parse->id_given[i])
			options->functions[i].scsi_id = default_id(options->functions[i].role);
	}
	for (i = 0; !ret && i < options->nr_functions; i++) {
		if (parse->pair_names[i])
			ret = join_pair(parse, i, parse->pair_names[i]);
	}
	if (!ret && !options->nr_functions && !options->nr_scripts)
		ret = bad(parse, "nothing to do: give --function or --script (see --help)");
	return ret;
}

/* Before all else, so that they work on a line that is wrong otherwise. */
static bool print_and_done(int argc, char **argv, FILE *out)
{
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--help"))
			help(out);
		else if (!strcmp(argv[i], "--version"))
			fprintf(out, "mptcard %s\n", MPTCARD_VERSION);
		else if (!strcmp(argv[i], "--list-options"))
			list_options(out);
		else
			continue;
		return true;
	}
	return false;
}

enum options_result options_read(struct card_options *options, int argc, char **argv, FILE *out,
				 char *error, size_t error_size)
{
	struct parse parse = {
		.options = options, .error = error, .error_size = error_size,
	};
	int ret;

	memset(options, 0, sizeof(*options));
	options->seed = 1;
	if (print_and_done(argc, argv, out))
		return OPTIONS_DONE;
	ret = scan(&parse, PASS_WORDS, argc, argv);
	if (!ret)
		ret = scan(&parse, PASS_ALL, argc, argv);
	if (!ret)
		ret = scan(&parse, PASS_ONE, argc, argv);
	if (!ret)
		ret = finish(&parse);
	for (int i = 0; i < CARD_MAX_FUNCTIONS; i++)
		free(parse.pair_names[i]);
	return ret ? OPTIONS_BAD : OPTIONS_RUN;
}

void options_parse(struct card_options *options, int argc, char **argv)
{
	char error[512];

	switch (options_read(options, argc, argv, stdout, error, sizeof(error))) {
	case OPTIONS_DONE:
		exit(fflush(stdout) ? 1 : 0);
	case OPTIONS_BAD:
		fprintf(stderr, "mptcard: %s\n", error);
		exit(2);
	case OPTIONS_RUN:
		break;
	}
}
