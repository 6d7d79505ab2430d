#include "CAllocations.h"

#include <errno.h>
#include <malloc.h>
#include <stddef.h>

// glibc keeps its own allocator under these names for programs that put theirs in its place.
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

// One counter per thread, so that counting is exact and costs no lock. The initial-exec model keeps the access
// itself from allocating, as the first access to a dynamic thread-local variable may.
static _Thread_local __attribute__((tls_model("initial-exec"))) uint64_t count;

uint64_t callocations_count(void) { return count; }

void callocations_trim(void) { malloc_trim(0); }

void *malloc(size_t size) {
    count++;
    return __libc_malloc(size);
}

void *calloc(size_t items, size_t size) {
    count++;
    return __libc_calloc(items, size);
}

void *realloc(void *block, size_t size) {
    count++;
    return __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size) {
    count++;
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count++;
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) return EINVAL;
    count++;
    void *result = __libc_memalign(alignment, size);
    if (result == NULL) return ENOMEM;
    *block = result;
    return 0;
}
