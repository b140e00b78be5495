/* The straightforward lookup that the benchmarks compare the core with, here on the target. */

#include "../../benches/floor/floor.c"

/* The host writes a site's tables behind one another; what are pointers here are distances from the first byte there. */
void floor_settle(struct site *site) {
    char *base = (char *)site;
    site->lists = (const uint32_t (*)[8])(base + (uintptr_t)site->lists);
    site->schedules = (const uint8_t *)(base + (uintptr_t)site->schedules);
    site->layers = (const struct layer *)(base + (uintptr_t)site->layers);
    site->spans = (const struct span *)(base + (uintptr_t)site->spans);
    site->holidays = (const struct holiday *)(base + (uintptr_t)site->holidays);
    site->windows = (const struct window *)(base + (uintptr_t)site->windows);
    site->contacts = (struct contact *)(base + (uintptr_t)site->contacts);
    site->codes = (const struct credential *)(base + (uintptr_t)site->codes);
}
