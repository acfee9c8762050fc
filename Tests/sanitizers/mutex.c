// Tells the thread sanitizer what it cannot see of Swift's `Mutex` (Synchronization).
//
// Its fast path is an atomic exchange that is compiled into whoever calls it, so the sanitizer
// sees it. The slow path is a futex with priority inheritance inside of Swift's own library: there
// the kernel hands the lock from one thread to the next, nothing of it is instrumented, and
// everything the lock guards looks like a race. Loaded before that library (LD_PRELOAD), these two
// functions stand in for the slow path: they call it, and say what it means.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

typedef __attribute__((swiftcall)) void (*Lock)(
    uint32_t thread, __attribute__((swift_context)) void *mutex);
typedef __attribute__((swiftcall)) void (*Unlock)(__attribute__((swift_context)) void *mutex);

// The sanitizer's runtime is part of the program that is tested.
extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

static void *real(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  if (!found) abort();  // Another Swift: these names have to be looked up again.
  return found;
}

__attribute__((swiftcall)) void crewbell_lock(
    uint32_t thread, __attribute__((swift_context)) void *mutex) __asm__(LOCK);
__attribute__((swiftcall)) void crewbell_lock(
    uint32_t thread, __attribute__((swift_context)) void *mutex) {
  static Lock lock;
  if (!lock) lock = (Lock)real(LOCK);
  lock(thread, mutex);
  if (__tsan_acquire) __tsan_acquire(mutex);
}

__attribute__((swiftcall)) void crewbell_unlock(
    __attribute__((swift_context)) void *mutex) __asm__(UNLOCK);
__attribute__((swiftcall)) void crewbell_unlock(__attribute__((swift_context)) void *mutex) {
  static Unlock unlock;
  if (!unlock) unlock = (Unlock)real(UNLOCK);
  if (__tsan_release) __tsan_release(mutex);
  unlock(mutex);
}
