//! Weighed: everything that a small panel decides, without codes and blobs, so without cryptography.

#![no_std]
#![no_main]

use keyholder::SmallPanel;

keyholder_measure::image!(SmallPanel, [], users, engineers, acts, sessions, panel_deadlines);
