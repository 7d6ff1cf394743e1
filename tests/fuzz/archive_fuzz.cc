// What a backup holds inside its encryption, on any bytes: nothing that is accepted leads out of a
// directory, and it has one encoding.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include <set>

#include "keystore/backup/contents.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sifguard;
  const auto bytes = std::as_bytes(std::span(data, size));
  auto archive = decode_archive(bytes, "the backup");
  if (!archive) return 0;
  const auto again = encode_archive(*archive);
  if (!again || !std::equal(again->begin(), again->end(), bytes.begin(), bytes.end())) std::abort();
  std::set<std::string> names;
  for (const ArchiveFile& file : archive->files) {
    if (file.name.empty() || file.name.front() == '/' || file.name.back() == '/') std::abort();
    if (file.name.find("..") == 0 || file.name.find("/.") != std::string::npos) std::abort();
    if (!names.insert(file.name).second) std::abort();
  }
  Backup backup;
  backup.key = {std::string(16, '0'), SecretBytes::allocate(kStoreKeyBytes).value()};
  backup.archive = *std::move(archive);
  (void)read_contents(backup);
  return 0;
}
