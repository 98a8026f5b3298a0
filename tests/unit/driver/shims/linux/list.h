/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Circular doubly linked lists, with the kernel's names. */
#ifndef SHIM_LINUX_LIST_H
#define SHIM_LINUX_LIST_H

#include <linux/kernel.h>

static inline void INIT_LIST_HEAD(struct list_head *list)
{
	list->next = list;
	list->prev = list;
}

static inline bool list_empty(const struct list_head *list)
{
	return list->next == list;
}

static inline void list_add_tail(struct list_head *entry, struct list_head *list)
{
	entry->next = list;
	entry->prev = list->prev;
	list->prev->next = entry;
	list->prev = entry;
}

static inline void list_del(struct list_head *entry)
{
	entry->prev->next = entry->next;
	entry->next->prev = entry->prev;
	entry->next = NULL;		/* a second removal crashes here too */
	entry->prev = NULL;
}

static inline void list_move_tail(struct list_head *entry, struct list_head *list)
{
	list_del(entry);
	list_add_tail(entry, list);
}

#define list_entry(pointer, type, member)	container_of(pointer, type, member)
#define list_first_entry(list, type, member)	list_entry((list)->next, type, member)
#define list_next_entry(entry, member) \
	list_entry((entry)->member.next, __typeof__(*(entry)), member)

#define list_for_each_entry(entry, list, member)				\
	for (entry = list_first_entry(list, __typeof__(*(entry)), member);	\
	     &(entry)->member != (list);					\
	     entry = list_next_entry(entry, member))

#define list_for_each_entry_safe(entry, after, list, member)			\
	for (entry = list_first_entry(list, __typeof__(*(entry)), member),	\
	     after = list_next_entry(entry, member);				\
	     &(entry)->member != (list);					\
	     entry = after, after = list_next_entry(after, member))

#endif
