// Fuzzes the reading of subject names: what is accepted has one canonical text, in plain ASCII.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "keystore/policy/subject_name.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto canonical = sifguard::canonical_subject(text);
  if (!canonical) return 0;
  const auto again = sifguard::canonical_subject(*canonical);
  const bool plain = std::all_of(canonical->begin(), canonical->end(),
                                 [](char c) { return c >= ' ' && c <= '~'; });
  if (!again || *again != *canonical || !plain) std::abort();
  return 0;
}
