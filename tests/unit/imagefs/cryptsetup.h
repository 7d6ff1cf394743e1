// LUKS partitions made by cryptsetup: small ones, by its offline re-encryption, which needs no
// device-mapper. Tests only.
#pragma once

#include <string>

#include "tests/unit/base/temp_dir.h"
#include "tests/unit/crypto/tools.h"

namespace sifguard::test {

inline bool has_cryptsetup() {
  return std::system("PATH=$PATH:/usr/sbin:/sbin; command -v cryptsetup >/dev/null") == 0;
}

/// What the partition of make_luks() holds at its beginning; behind that is noise.
inline std::string luks_plain() {
  std::string plain;
  for (int i = 0; i < 20480; ++i) plain += static_cast<char>((i * 11 + i / 512) % 256);
  return plain;
}

inline constexpr const char* kLuksPassword =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
inline constexpr const char* kPbkdf2 = "--pbkdf pbkdf2 --pbkdf-force-iterations 1000";
inline constexpr const char* kArgon2id =
    "--pbkdf argon2id --pbkdf-memory 1024 --pbkdf-force-iterations 4 --pbkdf-parallel 2";

/// With `options` for cryptsetup; empty when that fails.
inline std::string make_luks(const std::string& options) {
  const TempDir dir;
  // cryptsetup moves the data behind the header, and takes twice the room for that.
  write_file(dir / "image", luks_plain() + std::string(1UL << 20U, '\0'));
  write_file(dir / "password", kLuksPassword);
  const int status = run(dir,
                         "PATH=$PATH:/usr/sbin:/sbin; cryptsetup reencrypt --encrypt "
                         "--batch-mode --type luks2 --key-file password "
                         "--luks2-metadata-size 16k --luks2-keyslots-size 480k "
                         "--reduce-device-size 1m " +
                             options + " image");
  return status == 0 ? read_file(dir / "image") : std::string();
}

}  // namespace sifguard::test
