//! Weighed: everything that a standard panel decides, without codes and blobs, so without cryptography.

#![no_std]
#![no_main]

use keyholder::StandardPanel;

keyholder_measure::image!(StandardPanel, [], users, engineers, acts, sessions, panel_deadlines);
