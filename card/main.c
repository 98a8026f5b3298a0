// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mptcard: makes the functions, the bus and the script, and turns the wheel.
 *
 * One thread.  Each round gives every part a bounded share of work and then
 * polls; it sleeps only when two rounds in a row have left nothing to do, since
 * the last part of a round may make work for the first.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "bus.h"
#include "counters.h"
#include "firmware.h"
#include "log.h"
#include "options.h"
#include "pci.h"
#include "registers.h"
#include "script.h"
#include "vfio_user.h"

#define REGISTERS_BUDGET	64	/* items of one function in a round */
#define QUIET_ROUNDS		2

enum { EXIT_WELL = 0, EXIT_CANNOT_RUN = 1, EXIT_VIOLATIONS = 3 };

struct function {
	const struct function_options *options;
	struct counters counters;
	struct pci_function *pci;
	struct vfio_user *vu;
	struct firmware *fw;
	bool left;
};

struct card {
	struct card_options options;
	struct function functions[CARD_MAX_FUNCTIONS];
	unsigned int nr_functions;
	struct bus *bus;
	struct script *scripts[CARD_MAX_SCRIPTS];
	unsigned int nr_scripts;
	int signal_fd;
	bool stop;
};

static int cannot(const char *what, const char *which, int error)
{
	fprintf(stderr, "mptcard: %s %s: %s\n", what, which, strerror(error));
	return -error;
}

static void interrupt_changed(void *arg)
{
	struct function *function = arg;

	vfio_user_interrupt(function->vu);
}

static int refuse_function(const char *name, int error)
{
	if (error)
		return cannot("cannot start function", name, error);
	fprintf(stderr, "mptcard: cannot start function %s: the log says why\n", name);
	return -EINVAL;
}

static int function_start(struct card *card, struct function *function)
{
	const struct function_options *options = function->options;

	function->pci = pci_new(options);
	if (!function->pci)
		return cannot("function", options->name, ENOMEM);
	function->vu = vfio_user_new(options->socket, options->name, &pci_device_ops,
				     function->pci, &function->counters);
	if (!function->vu)
		return cannot("cannot listen on", options->socket, errno);
	errno = 0;
	function->fw = firmware_new(options, vfio_user_dma(function->vu), &function->counters,
				    card->bus);
	if (!function->fw)
		return refuse_function(options->name, errno);
	pci_connect(function->pci, function->fw->registers);
	registers_on_interrupt(function->fw->registers, interrupt_changed, function);
	return 0;
}

static int functions_start(struct card *card)
{
	unsigned int i;
	int ret, pair;

	for (i = 0; i < card->options.nr_functions; i++) {
		card->functions[i].options = &card->options.functions[i];
		card->nr_functions++;
		ret = function_start(card, &card->functions[i]);
		if (ret)
			return ret;
	}
	for (i = 0; i < card->nr_functions; i++) {
		pair = card->options.functions[i].pair;
		if (pair >= 0)
			card->functions[i].fw->pair = card->functions[pair].fw;
	}
	return 0;
}

static int script_start(struct card *card, const char *path)
{
	struct script *script = script_load(path, card->options.seed);
	int ret;

	if (!script)
		return -EINVAL;		/* script_load() has said why */
	card->scripts[card->nr_scripts++] = script;
	ret = script_join(script, card->bus);
	return ret ? cannot("cannot join the bus with script", path, -ret) : 0;
}

static int scripts_start(struct card *card)
{
	unsigned int i;
	int ret;

	for (i = 0; i < card->options.nr_scripts; i++) {
		ret = script_start(card, card->options.script_paths[i]);
		if (ret)
			return ret;
	}
	script_set_all(card->scripts, card->nr_scripts);
	return 0;
}

/* Signals are read like everything else: no handler interrupts the work. */
static int signals_start(struct card *card)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return cannot("signals", "", errno);
	signal(SIGPIPE, SIG_IGN);
	card->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return card->signal_fd < 0 ? cannot("signals", "", errno) : 0;
}

static int card_start(struct card *card)
{
	int ret = signals_start(card);

	if (ret)
		return ret;
	log_verbose = card->options.verbose;
	ret = log_open(card->options.log_path);
	if (ret)
		return cannot("cannot open log", card->options.log_path, -ret);
	card->bus = bus_new("bus");
	if (!card->bus)
		return cannot("bus", "", ENOMEM);
	ret = functions_start(card);
	return ret ? ret : scripts_start(card);
}

static void card_free(struct card *card)
{
	unsigned int i;

	for (i = 0; i < card->nr_scripts; i++)
		script_free(card->scripts[i]);
	for (i = 0; i < card->nr_functions; i++) {
		if (card->functions[i].fw)
			firmware_free(card->functions[i].fw);
		vfio_user_free(card->functions[i].vu);
		pci_free(card->functions[i].pci);
	}
	if (card->bus)
		bus_free(card->bus);
	if (card->signal_fd >= 0)
		close(card->signal_fd);
}

static int write_stats(struct card *card)
{
	struct counters_entry entries[CARD_MAX_FUNCTIONS];
	const char *path = card->options.stats_path;
	unsigned int i;
	int ret;

	if (!path)
		return 0;
	for (i = 0; i < card->nr_functions; i++) {
		entries[i].name = card->functions[i].options->name;
		entries[i].role = options_role_name(card->functions[i].options->role);
		entries[i].counters = &card->functions[i].counters;
	}
	ret = counters_write(path, entries, card->nr_functions);
	return ret ? cannot("cannot write statistics", path, -ret) : 0;
}

static void handle_signals(struct card *card)
{
	struct signalfd_siginfo info;

	while (read(card->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGUSR1)
			write_stats(card);
		else
			card->stop = true;
	}
}

/* Without its host a function is like one without power: whoever talks to it must notice. */
static void notice_departures(struct card *card)
{
	struct function *function;
	unsigned int i;

	for (i = 0; i < card->nr_functions; i++) {
		function = &card->functions[i];
		if (function->left || vfio_user_fd(function->vu) >= 0)
			continue;
		function->left = true;
		log_line(function->options->name, "client left");
		registers_pci_reset(function->fw->registers);
	}
}

static bool registers_wait(const struct card *card)
{
	unsigned int i;

	for (i = 0; i < card->nr_functions; i++) {
		if (registers_pending(card->functions[i].fw->registers))
			return true;
	}
	return false;
}

/* One round; true if anything is left to do at once. */
static bool work(struct card *card)
{
	struct firmware *fw;
	bool more = false;
	unsigned int i;

	for (i = 0; i < card->nr_scripts; i++)
		more |= script_work(card->scripts[i]);
	for (i = 0; i < card->nr_functions; i++) {
		fw = card->functions[i].fw;
		more |= registers_work(fw->registers, REGISTERS_BUDGET);
		more |= firmware_work(fw);
	}
	more |= bus_work(card->bus);
	notice_departures(card);
	/* While one function waited for its memory, the other's host may have written registers. */
	return more || registers_wait(card);
}

static bool scripts_done(const struct card *card)
{
	unsigned int i;

	for (i = 0; i < card->nr_scripts; i++) {
		if (!script_done(card->scripts[i]))
			return false;
	}
	return true;
}

/* Milliseconds that the loop may sleep, -1: until something happens. */
static int scripts_timeout(const struct card *card)
{
	int least = -1, timeout;
	unsigned int i;

	for (i = 0; i < card->nr_scripts; i++) {
		timeout = script_timeout(card->scripts[i]);
		if (timeout >= 0 && (least < 0 || timeout < least))
			least = timeout;
	}
	return least;
}

static int serve(struct card *card, int timeout)
{
	struct pollfd pfds[CARD_MAX_FUNCTIONS + 1];
	unsigned int i;
	int events;

	for (i = 0; i < card->nr_functions; i++)
		pfds[i] = (struct pollfd){
			.fd = vfio_user_fd(card->functions[i].vu), .events = POLLIN,
		};
	pfds[i] = (struct pollfd){ .fd = card->signal_fd, .events = POLLIN };
	events = poll(pfds, card->nr_functions + 1, timeout);
	if (events < 0)
		return errno == EINTR ? 0 : cannot("poll", "", errno);
	if (pfds[i].revents)
		handle_signals(card);
	/* Who leaves is found by notice_departures(). */
	for (i = 0; i < card->nr_functions; i++) {
		if (pfds[i].revents)
			vfio_user_service(card->functions[i].vu);
	}
	return events;
}

static bool finished(const struct card *card)
{
	unsigned int i;

	if (card->stop)
		return true;
	for (i = 0; i < card->nr_functions; i++) {
		if (!card->functions[i].left)
			return false;
	}
	return scripts_done(card);
}

static int run(struct card *card)
{
	unsigned int quiet = 0;
	bool more;
	int events;

	for (;;) {
		more = work(card);
		if (finished(card) && (card->stop || !more))
			return 0;
		quiet = more ? 0 : quiet + 1;
		events = serve(card, quiet < QUIET_ROUNDS ? 0 : scripts_timeout(card));
		if (events < 0)
			return events;
		if (events)
			quiet = 0;
	}
}

static int result(const struct card *card)
{
	unsigned int i;

	for (i = 0; i < card->nr_functions; i++) {
		if (card->functions[i].counters.violations)
			return EXIT_VIOLATIONS;
	}
	for (i = 0; i < card->nr_scripts; i++) {
		if (script_failures(card->scripts[i]))
			return EXIT_VIOLATIONS;
	}
	/* A script that was stopped has proven nothing. */
	return scripts_done(card) ? EXIT_WELL : EXIT_VIOLATIONS;
}

static int card_run(struct card *card)
{
	int ret = card_start(card);

	if (ret)
		return EXIT_CANNOT_RUN;
	if (puts("mptcard: ready") < 0 || fflush(stdout))
		return EXIT_CANNOT_RUN;
	ret = run(card);
	/* What was counted is worth having, however the run ended. */
	if (write_stats(card) && !ret)
		ret = -EIO;
	return ret ? EXIT_CANNOT_RUN : result(card);
}

int main(int argc, char **argv)
{
	static struct card card = { .signal_fd = -1 };
	int status;

	options_parse(&card.options, argc, argv);
	status = card_run(&card);
	card_free(&card);
	return status;
}
