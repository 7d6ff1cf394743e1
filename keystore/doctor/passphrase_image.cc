// Whether an image file was encrypted with a passphrase. The rights of the admin for opening it.
#include "keystore/doctor/passphrase_image.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cstddef>
#include <nlohmann/json.hpp>

#include "keystore/base/fd.h"
#include "keystore/base/json_tree.h"
#include "keystore/base/run_program.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxListing = std::size_t{8} << 20U;
constexpr int kSiftoolTimeoutMs = 20000;

UniqueFd open_file(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat st {};
  if (!fd.valid() || ::fstat(fd.get(), &st) != 0 || !S_ISREG(st.st_mode)) return {};
  return fd;
}

}  // namespace

const char* const kPassphraseRemedy =
    "build it for a key: apptainer build --encrypt --pem-path=FILE, with the file of sifctl key "
    "export-public --pkcs1";

bool is_passphrase_image(const std::string& path) {
  const UniqueFd file = open_file(path);
  if (!file.valid()) return false;
  ProgramRun run{own_program("sif-list"), {"--json", "-"}, {"LC_ALL=C.UTF-8"}, {}, kMaxListing,
                 kSiftoolTimeoutMs};
  run.input_fd = file.get();
  const auto output = run_program(run);
  if (!output) return false;
  const auto listing =
      json_tree<nlohmann::json>(as_text(output->bytes()), {.max_bytes = kMaxListing});
  return listing && listing->value("encrypted_with", nlohmann::json()) == "passphrase";
}

std::string passphrase_problem(const std::string& path) {
  return "the image " + printable(path) + " is encrypted with a passphrase, which no job can give";
}

}  // namespace sifguard
