// What the plugin's file says about itself. The caller's rights.
#include "keystore/doctor/plugin_mark.h"

namespace sifguard {

Result<std::string> read_plugin_mark(const std::string& plugin, std::string_view mark,
                                     const Trust& trust) {
  constexpr std::size_t kMaxPlugin = 64UL * 1024 * 1024;
  SG_TRY(const std::string content, read_trusted_file(plugin, kMaxPlugin, trust));
  const std::size_t at = content.find(mark);
  if (at == std::string::npos) return std::string();
  const std::string_view rest = std::string_view(content).substr(at + mark.size());
  return std::string(rest.substr(0, rest.find('\0')));
}

}  // namespace sifguard
