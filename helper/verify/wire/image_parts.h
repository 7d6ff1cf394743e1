// Types that the verifier's report and the facts of an image share. Plain data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sifguard {

enum class SignatureForm : std::uint8_t { openpgp = 1, dsse = 2, legacy = 3 };

struct GroupFact {
  std::uint32_t id = 0;
  std::vector<std::uint32_t> objects;  ///< every in-use, non-signature object of the group
};

/// Where in the file the primary system partition is; all zero if there is none.
struct PartitionFact {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

/// The image of an OCI-SIF, which has no primary partition: where its layers are (each a squashfs,
/// the lowest first), and how its configuration says that it is to be run.
struct OciFact {
  std::vector<PartitionFact> layers;
  std::vector<std::string> env;  ///< NAME=VALUE
  std::vector<std::string> entrypoint;
  std::vector<std::string> cmd;
  std::string working_dir;  ///< absolute, or empty
};

/// Where in the file the one RSA-OAEP message is that a runtime would use; it is replaced in place.
struct CryptoMessageFact {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

}  // namespace sifguard
