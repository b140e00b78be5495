/*
 * A blob on its way to the panel, part by part. The library judges it; here is the order in which parts have to come, and the answer to each.
 */
#ifndef ARRIVAL_H
#define ARRIVAL_H

#include "answer.h"

struct arrival {
  bool has_begun;
  /* What its head says. */
  kh_head head;
  /* How much has come behind the head. */
  uint32_t offset;
};

/* A blob begins with these bytes, its head if they are enough. */
struct answer arrival_begin(struct arrival *arrival, kh_panel *panel, const uint8_t *head, size_t length, kh_instant now);

/* The next bytes, of which `offset` have come. */
struct answer arrival_append(struct arrival *arrival, kh_panel *panel, uint32_t offset, const uint8_t *bytes, size_t length);

/* It has all come. */
struct answer arrival_finish(struct arrival *arrival, kh_panel *panel, kh_instant now);

#endif
