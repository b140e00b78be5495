/*
 * A NOR flash in memory, as hard as a real one: what is written is written in whole units, once between two erasures, and power may fail in the middle.
 */
#ifndef NOR_H
#define NOR_H

#include <keyholder.h>

#include <string.h>

#define NOR_BLOCK 4096u
#define NOR_BLOCKS(bytes) ((((bytes) + NOR_BLOCK) - 1u) / NOR_BLOCK * NOR_BLOCK)
#ifndef NOR_SLOT
#define NOR_SLOT (2u * NOR_BLOCK)
#endif
#define NOR_JOURNAL NOR_BLOCKS((KH_PANEL_JOURNAL_BYTES > KH_RECEIVER_JOURNAL_BYTES) ? KH_PANEL_JOURNAL_BYTES : KH_RECEIVER_JOURNAL_BYTES)
#define NOR_BYTES (2u * (NOR_SLOT + NOR_JOURNAL))

/* Never runs out. */
#define NOR_POWER (-1L)

typedef struct {
  uint8_t bytes[NOR_BYTES];
  /* Of each unit: whether it has been written since it was erased. */
  uint8_t is_written[NOR_BYTES / KH_FLASH_WRITE_BYTES];
  /* Units that can still be written or erased before power fails. */
  long power;
  /* Units written and erased so far. */
  long used;
  /* What the library did that no flash allows. */
  unsigned offences;
} nor;

static void nor_erase_all(nor *flash) {
  memset(flash, 0, sizeof *flash);
  memset(flash->bytes, 0xFF, sizeof flash->bytes);
  flash->power = NOR_POWER;
}

/* Whether a unit can still be changed; the one after the last is only half done. */
static int nor_has_power(nor *flash) {
  if (flash->power == 0) {
    return 0;
  }
  if (flash->power > 0) {
    flash->power--;
  }
  flash->used++;
  return 1;
}

static int nor_is_within(nor *flash, uint32_t at, uint32_t length, uint32_t unit) {
  const int is_within = ((at % unit) == 0u) && ((length % unit) == 0u) && (at <= NOR_BYTES) && (length <= (NOR_BYTES - at));
  flash->offences += is_within ? 0u : 1u;
  return is_within;
}

static int nor_read(void *context, uint32_t at, uint8_t *bytes, uint32_t length) {
  nor *flash = (nor *)context;
  if ((flash->power == 0) || !nor_is_within(flash, at, length, 1)) {
    return -1;
  }
  memcpy(bytes, &flash->bytes[at], length);
  return 0;
}

static int nor_write(void *context, uint32_t at, const uint8_t *bytes, uint32_t length) {
  nor *flash = (nor *)context;
  uint32_t from;
  if (!nor_is_within(flash, at, length, KH_FLASH_WRITE_BYTES)) {
    return -1;
  }
  for (from = 0; from < length; from += KH_FLASH_WRITE_BYTES) {
    uint8_t *is_written = &flash->is_written[(at + from) / KH_FLASH_WRITE_BYTES];
    const int has_power = nor_has_power(flash);
    /* Where power fails, half of the unit is written. */
    const uint32_t size = has_power ? KH_FLASH_WRITE_BYTES : (KH_FLASH_WRITE_BYTES / 2u);
    if (flash->used < 0) {
      return -1;
    }
    flash->offences += *is_written;
    *is_written = 1;
    memcpy(&flash->bytes[at + from], &bytes[from], size);
    if (!has_power) {
      /* What comes later does nothing at all. */
      flash->used = -1;
      return -1;
    }
  }
  return 0;
}

static int nor_erase(void *context, uint32_t at, uint32_t length) {
  nor *flash = (nor *)context;
  uint32_t from;
  if (!nor_is_within(flash, at, length, NOR_BLOCK)) {
    return -1;
  }
  for (from = 0; from < length; from += NOR_BLOCK) {
    if ((flash->used < 0) || !nor_has_power(flash)) {
      return -1;
    }
    memset(&flash->bytes[at + from], 0xFF, NOR_BLOCK);
    memset(&flash->is_written[(at + from) / KH_FLASH_WRITE_BYTES], 0, NOR_BLOCK / KH_FLASH_WRITE_BYTES);
  }
  return 0;
}

/* Power is back. */
static void nor_restore(nor *flash) {
  flash->power = NOR_POWER;
  flash->used = 0;
}

static kh_flash nor_flash(nor *flash) {
  kh_flash made;
  memset(&made, 0, sizeof made);
  made.context = flash;
  made.read = nor_read;
  made.write = nor_write;
  made.erase = nor_erase;
  made.capacity = NOR_BYTES;
  made.write_bytes = KH_FLASH_WRITE_BYTES;
  made.erase_bytes = NOR_BLOCK;
  return made;
}

static kh_layout nor_layout(void) {
  kh_layout layout;
  layout.slot_bytes = NOR_SLOT;
  layout.journal_bytes = NOR_JOURNAL;
  return layout;
}

#endif
