/* SPDX-License-Identifier: Apache-2.0
 *
 * Accounts stand in a table of fixed size: a name has its place among PROBES_MAX neighbours of its
 * hash, and takes the place of one that has nothing under way and nothing unread. Large answers are
 * mapped, so that the system has the memory back as soon as the library is done with them.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "service/endpoint_internal.h"

enum { PROBES_MAX = 16, MAPPED_MIN = 256 << 10 };

struct endpoint_book *endpoint_book_new(void)
{
    struct endpoint_book *book = calloc(1, sizeof *book);
    if (book == NULL) {
        return NULL;
    }
    if (bus_wake_init(&book->eased) != STATUS_OK) {
        free(book);
        return NULL;
    }
    atomic_init(&book->references, 1);
    for (unsigned i = 0; i < ENDPOINT_KEYS_MAX; i++) {
        book->accounts[i].book = book;
    }
    return book;
}

void endpoint_book_drop(struct endpoint_book *book)
{
    if (book != NULL && atomic_fetch_sub(&book->references, 1) == 1) {
        bus_wake_fini(&book->eased);
        free(book);
    }
}

static bool is_idle(const struct endpoint_account *account)
{
    return account->requests == 0 && atomic_load(&account->unread) == 0;
}

/* FNV-1a. */
static uint32_t hash(const char *name)
{
    uint32_t value = 2166136261U;
    for (const char *at = name; *at != '\0'; at++) {
        value = (value ^ (uint8_t)*at) * 16777619U;
    }
    return value;
}

struct endpoint_account *endpoint_account_find(struct endpoint_book *book, const char *name)
{
    const uint32_t first = hash(name);
    struct endpoint_account *free_place = NULL;
    for (uint32_t i = 0; i < PROBES_MAX; i++) {
        struct endpoint_account *account = &book->accounts[(first + i) % ENDPOINT_KEYS_MAX];
        if (strcmp(account->name, name) == 0) {
            return account;
        }
        if (free_place == NULL && is_idle(account)) {
            free_place = account;
        }
    }
    if (free_place != NULL) {
        memcpy(free_place->name, name, strlen(name) + 1);
        free_place->served = 0;
    }
    return free_place;
}

unsigned endpoint_caller_place(const struct endpoint_caller *caller)
{
    return (unsigned)(caller->account - caller->account->book->accounts);
}

bool endpoint_account_reads(const struct endpoint_account *account)
{
    const size_t unread = atomic_load(&account->unread);
    return unread == 0 || (unread < ENDPOINT_UNREAD_KEY &&
                           atomic_load(&account->book->unread) < ENDPOINT_UNREAD_ALL);
}

struct endpoint_answer *endpoint_answer_new(struct endpoint_account *account, size_t size)
{
    struct endpoint_answer *answer;
    const size_t bytes = sizeof *answer + size;
    const bool mapped = bytes >= MAPPED_MIN;
    if (mapped) {
        answer = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        answer = answer != MAP_FAILED ? answer : NULL;
    } else {
        answer = malloc(bytes);
    }
    if (answer == NULL) {
        return NULL;
    }
    answer->account = account;
    answer->mapped = mapped;
    answer->size = size;
    atomic_fetch_add(&account->unread, size);
    atomic_fetch_add(&account->book->unread, size);
    atomic_fetch_add(&account->book->references, 1);
    return answer;
}

void endpoint_answer_free(void *data, void *hint)
{
    struct endpoint_answer *answer = hint;
    struct endpoint_account *account = answer->account;
    struct endpoint_book *book = account->book;
    const size_t size = answer->size;
    (void)data; /* is in the answer */
    if (answer->mapped) {
        (void)munmap(answer, sizeof *answer + size);
    } else {
        free(answer);
    }
    const size_t all = atomic_fetch_sub(&book->unread, size);
    const size_t before = atomic_fetch_sub(&account->unread, size);
    if (all >= ENDPOINT_UNREAD_ALL ||
        (before >= ENDPOINT_UNREAD_KEY && before - size < ENDPOINT_UNREAD_KEY)) {
        bus_wake_signal(&book->eased);
    }
    endpoint_book_drop(book);
}
