/* SPDX-License-Identifier: Apache-2.0
 *
 * require(): an always-on check of our own invariants. Input from outside never reaches one: it
 * gets a status. A broken invariant prints the place and aborts, so that nothing wrong is ever
 * written.
 */
#ifndef HOSO_BASE_REQUIRE_H
#define HOSO_BASE_REQUIRE_H

_Noreturn void require_failed(const char *condition, const char *file, int line);

#define require(condition) ((condition) ? (void)0 : require_failed(#condition, __FILE__, __LINE__))

#endif
