/*
 * Sleeping until there is something to do.
 */
#ifndef SLEEP_H
#define SLEEP_H

/* Gets ready to sleep: something wakes the processor when a byte comes and every ten milliseconds. */
void sleep_prepare(void);

/* Sleeps until a byte has come or ten milliseconds are over. */
void sleep_until_needed(void);

#endif
