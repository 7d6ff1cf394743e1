// Removes an unfinished file when a signal ends the process. The user's rights.
#pragma once

#include <string>

namespace sifguard {

/// From now on a signal from another process that ends this one by default (deferrable_signals.h)
/// first removes `name` in the directory. Call it once per process; names are at most NAME_MAX
/// bytes. If the file was renamed or removed meanwhile, nothing happens, because its name is never
/// used again.
void remove_on_signal(int directory_fd, const std::string& name) noexcept;

}  // namespace sifguard
