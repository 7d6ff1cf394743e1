// gocryptfs.conf, hostile until its key is opened: what is taken lies within the bounds.
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "helper/imagefs/gocryptfs_conf.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto conf = sifguard::parse_gocryptfs_conf(text);
  if (!conf) return conf.error().code() == sifguard::Code::refused ? 0 : (std::abort(), 0);
  if (!std::has_single_bit(conf->cost) || conf->cost > 1U << 18U || conf->salt.size() < 32) {
    std::abort();
  }
  return 0;
}
