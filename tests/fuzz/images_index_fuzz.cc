// The index of images.yaml, on any bytes: it may be of no use, but not lead out of the file. The
// input is an index without its head, over a small policy.
#include <cstdint>

#include "keystore/base/fd.h"
#include "keystore/policy/images_index.h"
#include "tests/unit/policy/names.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sifguard;
  static const std::string yaml =
      "version: 1\nimages:\n  - name: a\n    match: [/a, /b]\n    signing_key: {fingerprint: " +
      std::string(40, 'A') + "}\n    allow: {users: [u]}\n";
  const ImagesDigest digest{};
  std::string index = "SGINDEX1";
  index += as_text(digest);
  index.append(reinterpret_cast<const char*>(data), size);
  (void)indexed_bindings(index, yaml, digest, test::named({"/a", "oras://r/x"}));
  (void)all_indexed_bindings(index, yaml, digest);
  return 0;
}
