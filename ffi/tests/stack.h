/*
 * Calls on a stack that is the test's own memory: what it holds beforehand can be chosen, and what is left on it can be read.
 */
#ifndef STACK_H
#define STACK_H

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define STACK_BYTES 0x40000u

/* Aligned as any system wants its stacks. */
#define STACK_ALIGNMENT 0x10000u

static uint8_t *stack_bytes(void) {
  static void *bytes = NULL;
  if ((bytes == NULL) && (posix_memalign(&bytes, STACK_ALIGNMENT, STACK_BYTES) != 0)) {
    bytes = NULL;
  }
  return (uint8_t *)bytes;
}

/* What is called, and with what. */
typedef struct {
  void (*work)(void *argument);
  void *argument;
} stack_call;

/* Calls from further down: the end of a thread writes over what lies near the top. */
static void *stack_call_deeper(void *given) {
  const stack_call *call = (const stack_call *)given;
  volatile uint8_t room[0x4000];
  /* Unknown to the compiler, which would make no more room than is used. */
  volatile size_t somewhere = 0;
  room[somewhere] = 0;
  call->work(call->argument);
  return (room[somewhere] == 0u) ? NULL : given;
}

/* Fills the stack with `pattern` and calls `work` on it. 0: it could not be done. */
static int on_painted_stack(uint8_t pattern, void (*work)(void *argument), void *argument) {
  stack_call call;
  pthread_attr_t attributes;
  pthread_t thread;
  int is_done = 0;
  call.work = work;
  call.argument = argument;
  if ((stack_bytes() == NULL) || (pthread_attr_init(&attributes) != 0)) {
    return 0;
  }
  memset(stack_bytes(), pattern, STACK_BYTES);
  if ((pthread_attr_setstack(&attributes, stack_bytes(), STACK_BYTES) == 0) &&
      (pthread_create(&thread, &attributes, stack_call_deeper, &call) == 0)) {
    is_done = pthread_join(thread, NULL) == 0;
  }
  (void)pthread_attr_destroy(&attributes);
  return is_done;
}

/* How often `bytes` stand on the stack. */
static unsigned found_on_stack(const uint8_t *bytes, size_t length) {
  unsigned found = 0;
  size_t at;
  for (at = 0; at <= (STACK_BYTES - length); at++) {
    found += (memcmp(&stack_bytes()[at], bytes, length) == 0) ? 1u : 0u;
  }
  return found;
}

#endif
