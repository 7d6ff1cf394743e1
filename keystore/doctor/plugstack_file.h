// plugstack.conf, as far as it says which plugin Slurm loads. The caller's rights.
//
// Format (spank(8)): a line is `include GLOB` or `required|optional PLUGIN [ARGUMENTS…]`; a hash
// sign anywhere ends the line, and there is no quoting. A relative GLOB is relative to the file's
// directory.
#pragma once

#include <string>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

struct PlugstackLine {
  std::string file;
  int line = 0;
  bool required = false;
  std::string plugin;  ///< as written; relative to Slurm's PluginDir if not absolute
  std::vector<std::string> arguments;

  /// The value of the argument `name=value`; empty if there is none.
  [[nodiscard]] std::string argument(std::string_view name) const;
};

/// The lines that load a plugin, of the file and all that it includes, in their order. Errors:
/// Code::no_input for a file that cannot be read, Code::refused for circular includes.
[[nodiscard]] Result<std::vector<PlugstackLine>> read_plugstack(const std::string& file);

}  // namespace sifguard
