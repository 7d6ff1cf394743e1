// A half-made file that goes when its maker is ended by a signal. The user's rights.
#pragma once

#include <string>

namespace sifguard {

/// From now on what ends the process by default and comes from others (deferrable_signals.h)
/// removes `name` in the directory before. Once per process; names are at most NAME_MAX bytes. A
/// file that has been renamed or removed meanwhile is not missed: its name is never used again.
void remove_on_signal(int directory_fd, const std::string& name) noexcept;

}  // namespace sifguard
