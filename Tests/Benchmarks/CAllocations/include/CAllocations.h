#ifndef CALLOCATIONS_H
#define CALLOCATIONS_H

#include <stdint.h>

/// How many blocks the calling thread has asked the heap for since it started.
///
/// A program that links this library gets its `malloc` and the like, which count and hand on to glibc's.
uint64_t callocations_count(void);

/// Gives free memory back to the system (malloc_trim(3)), so that what is resident is what is in use.
void callocations_trim(void);

#endif
