/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CARD_ARRAY_H
#define CARD_ARRAY_H

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif
