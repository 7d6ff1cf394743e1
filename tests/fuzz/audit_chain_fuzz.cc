// Fuzzes the reading of audit logs: lines of a chain, its head, the counts of refusals.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "keystore/audit/chain_check.h"
#include "keystore/audit/head.h"
#include "keystore/audit/refusals.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  sifguard::ChainCheck check(sifguard::parse_head(text));
  check.begin_file("x");
  std::size_t start = 0;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos;
       end = text.find('\n', start)) {
    if (!check.add_line(text.substr(start, end - start), true)) std::abort();
    start = end + 1;
  }
  if (start < size && !check.add_line(text.substr(start), false)) std::abort();
  if (!check.finish()) std::abort();
  const auto counts = sifguard::RefusalCounts::parse(text);
  if (sifguard::RefusalCounts::parse(counts.format()).format() != counts.format()) std::abort();
  return 0;
}
