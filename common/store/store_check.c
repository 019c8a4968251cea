/* SPDX-License-Identifier: Apache-2.0
 *
 * Is the data file whole? LMDB maps it, so a page beyond its end is a SIGBUS in the middle of work,
 * and a file that is no data file may be anything. This reads the file with pread before LMDB maps
 * it.
 *
 * LMDB's data format 1, in the machine's byte order: pages 0 and 1 are headers (16 bytes of page
 * header, then magic, version, address, map size, the trees of free pages and of tables, last page,
 * transaction); the one with the higher transaction counts. A tree: page size or 0 (u32), flags
 * (u16), depth (u16), branch, leaf and overflow pages, entries, root (u64 each). A page: number
 * (u64), 2 unused bytes, flags, lower, upper (u16 each), then offsets of its nodes.
 *
 * A file that reaches to its last page is whole. A shorter one may still be: pages at the end that
 * a transaction took and gave back are never written. Only then its trees are walked, to see that
 * all they reach is there.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store_internal.h"

enum {
    PAGE_BYTES_MIN = 512,
    PAGE_BYTES_MAX = 65536,
    PAGE_HEADER_BYTES = 16,
    HEADER_PAGES = 2,
    NODE_HEADER_BYTES = 8,
    TREE_DEPTH_MAX = 32,
};

#define DATA_MAGIC UINT32_C(0xBEEFC0DE)
#define DATA_VERSION 1
enum { PAGE_BRANCH = 0x01, PAGE_LEAF = 0x02, PAGE_HEADER = 0x08 };
enum { NODE_OVERFLOW = 0x01, NODE_TREE = 0x02 };

#define NO_PAGE UINT64_MAX

struct tree {
    uint32_t page_bytes;
    uint16_t flags;
    uint16_t depth;
    uint64_t branch_pages;
    uint64_t leaf_pages;
    uint64_t overflow_pages;
    uint64_t entries;
    uint64_t root;
};

struct header {
    uint64_t page_number;
    uint16_t unused;
    uint16_t page_flags;
    uint32_t bounds;
    uint32_t magic;
    uint32_t version;
    uint64_t address;
    uint64_t map_bytes;
    struct tree free_pages;
    struct tree tables;
    uint64_t last_page;
    uint64_t transaction;
};

_Static_assert(sizeof(struct tree) == 48 && sizeof(struct header) == 152,
               "LMDB's format has no gaps");

struct walk {
    int fd;
    uint32_t page_bytes;
    uint64_t pages; /* whole ones in the file */
    uint64_t left;  /* pages still to be visited at most: damage may make circles */
};

static bool walk_page(struct walk *walk, uint64_t number, unsigned depth, bool leaves);

static bool read_exactly(int fd, void *data, size_t size, uint64_t offset)
{
    ssize_t got;
    do {
        got = pread(fd, data, size, (off_t)offset);
    } while (got < 0 && errno == EINTR);
    return got == (ssize_t)size;
}

static uint16_t u16_at(const uint8_t *at)
{
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

/* Leaves need reading only where they point on: to large values, or to the trees of the tables. */
static bool walk_tree(struct walk *walk, const struct tree *tree, bool names_tables)
{
    if (tree->root == NO_PAGE) {
        return true;
    }
    return tree->depth >= 1 && tree->depth <= TREE_DEPTH_MAX &&
           walk_page(walk, tree->root, tree->depth, names_tables || tree->overflow_pages != 0);
}

static bool walk_leaf_node(struct walk *walk, const uint8_t *node, size_t room)
{
    const uint16_t flags = u16_at(node + 4);
    const size_t data_at = NODE_HEADER_BYTES + (size_t)u16_at(node + 6);
    const uint64_t size = u16_at(node) | (uint64_t)u16_at(node + 2) << 16;
    if ((flags & NODE_OVERFLOW) != 0) {
        uint64_t first;
        if (data_at + sizeof first > room) {
            return false;
        }
        memcpy(&first, node + data_at, sizeof first);
        const uint64_t pages = (PAGE_HEADER_BYTES - 1 + size) / walk->page_bytes + 1;
        return first >= HEADER_PAGES && first < walk->pages && pages <= walk->pages - first;
    }
    if ((flags & NODE_TREE) != 0) {
        struct tree tree;
        if (data_at + sizeof tree > room) {
            return false;
        }
        memcpy(&tree, node + data_at, sizeof tree);
        return walk_tree(walk, &tree, false);
    }
    return true;
}

static bool walk_nodes(struct walk *walk, const uint8_t *page, unsigned depth, bool leaves)
{
    const size_t lower = u16_at(page + 12);
    if (lower < PAGE_HEADER_BYTES || lower > walk->page_bytes) {
        return false;
    }
    bool whole = true;
    for (size_t at = PAGE_HEADER_BYTES; whole && at + 2 <= lower; at += 2) {
        const size_t offset = u16_at(page + at);
        if (offset + NODE_HEADER_BYTES > walk->page_bytes) {
            return false;
        }
        const uint8_t *node = page + offset;
        const uint64_t child =
            u16_at(node) | (uint64_t)u16_at(node + 2) << 16 | (uint64_t)u16_at(node + 4) << 32;
        whole = depth > 1 ? walk_page(walk, child, depth - 1, leaves)
                          : walk_leaf_node(walk, node, walk->page_bytes - offset);
    }
    return whole;
}

static bool walk_page(struct walk *walk, uint64_t number, unsigned depth, bool leaves)
{
    if (number < HEADER_PAGES || number >= walk->pages || walk->left == 0) {
        return false;
    }
    walk->left--;
    if (depth == 1 && !leaves) {
        return true;
    }
    uint8_t *page = malloc(walk->page_bytes);
    const bool whole = page != NULL &&
                       read_exactly(walk->fd, page, walk->page_bytes, number * walk->page_bytes) &&
                       (u16_at(page + 10) & (depth > 1 ? PAGE_BRANCH : PAGE_LEAF)) != 0 &&
                       walk_nodes(walk, page, depth, leaves);
    free(page);
    return whole;
}

static bool header_is_sound(const struct header *header)
{
    const uint32_t bytes = header->free_pages.page_bytes;
    return (header->page_flags & PAGE_HEADER) != 0 && header->magic == DATA_MAGIC &&
           bytes >= PAGE_BYTES_MIN && bytes <= PAGE_BYTES_MAX && (bytes & (bytes - 1)) == 0;
}

/* LMDB wants both headers sound; ret_header is the one that counts. */
static bool read_header(int fd, struct header *ret_header)
{
    struct header first;
    struct header second;
    if (!read_exactly(fd, &first, sizeof first, 0) || !header_is_sound(&first) ||
        !read_exactly(fd, &second, sizeof second, first.free_pages.page_bytes) ||
        !header_is_sound(&second) || second.free_pages.page_bytes != first.free_pages.page_bytes) {
        return false;
    }
    *ret_header = second.transaction > first.transaction ? second : first;
    return true;
}

static bool is_whole(int fd, uint64_t size, const struct header *header)
{
    const uint32_t page_bytes = header->free_pages.page_bytes;
    const uint64_t pages = size / page_bytes;
    if (header->last_page < pages) {
        return true;
    }
    struct walk walk = {.fd = fd, .page_bytes = page_bytes, .pages = pages, .left = pages};
    return size % page_bytes == 0 && walk_tree(&walk, &header->free_pages, false) &&
           walk_tree(&walk, &header->tables, true);
}

static enum status check_open_file(int fd, const char *path, struct error *error)
{
    struct stat file;
    struct header header;
    if (fstat(fd, &file) != 0 || !S_ISREG(file.st_mode)) {
        return error_set(error, STATUS_CORRUPT, "%s/" STORE_DATA_FILE " is not a plain file", path);
    }
    if (!read_header(fd, &header)) {
        return error_set(error, STATUS_CORRUPT,
                         "%s/" STORE_DATA_FILE " (%lld bytes) is not a data file of hoso or its "
                         "beginning is damaged: restore it from a backup",
                         path, (long long)file.st_size);
    }
    if (header.version != DATA_VERSION) {
        return error_set(error, STATUS_VERSION,
                         "%s/" STORE_DATA_FILE " has data format %u, this hoso reads %d: "
                         "run the hoso that wrote it",
                         path, header.version, DATA_VERSION);
    }
    const uint64_t page_bytes = header.free_pages.page_bytes;
    if ((uint64_t)file.st_size < HEADER_PAGES * page_bytes ||
        !is_whole(fd, (uint64_t)file.st_size, &header)) {
        return error_set(error, STATUS_CORRUPT,
                         "%s/" STORE_DATA_FILE " was cut short: it has %lld bytes and its last "
                         "commit reaches to %llu: restore it from a backup",
                         path, (long long)file.st_size,
                         ((unsigned long long)header.last_page + 1) * page_bytes);
    }
    return STATUS_OK;
}

enum status store_check_file(int directory_fd, const char *path, struct error *error)
{
    const int fd = openat(directory_fd, STORE_DATA_FILE, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return error_set(error, store_translate(NULL, errno),
                         "cannot open %s/" STORE_DATA_FILE ": %s%s", path, strerror(errno),
                         store_denied_hint(errno));
    }
    const enum status status = check_open_file(fd, path, error);
    (void)close(fd);
    return status;
}
