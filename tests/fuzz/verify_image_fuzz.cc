// Fuzzes the whole verifier behind its sandbox. Whatever the image, root finds its report
// plausible, and what is said to fit leads cryptography to a text of the form's own kind.
#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "helper/verify/sandbox/hasher.h"
#include "helper/verify/sandbox/verifier.h"
#include "keystore/base/fd.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool kPrepared = sifguard::prepare_digests().has_value();
  if (!kPrepared) std::abort();
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const sifguard::UniqueFd fd(::memfd_create("fuzz", MFD_CLOEXEC));
  if (!sifguard::write_all(fd.get(), bytes, "input")) std::abort();
  const auto report = sifguard::verify_image(fd.get());
  if (!report) {
    if (report.error().code() != sifguard::Code::refused) std::abort();
    return 0;
  }
  const std::string encoded = sifguard::encode_report(*report);
  const auto decoded = sifguard::decode_report(encoded, size);
  if (encoded.size() > sifguard::kMaxReport || !decoded ||
      sifguard::encode_report(*decoded) != encoded) {
    std::abort();
  }
  return 0;
}
