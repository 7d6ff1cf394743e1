// Images as Apptainer makes them, by mksquashfs, gocryptfs and cryptsetup: one tree of files,
// plain, in a gocryptfs directory and in a LUKS2 partition. Needs root and FUSE. Tests only.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "helper/mount/root_mount.h"
#include "tests/unit/base/temp_dir.h"
#include "tests/unit/crypto/tools.h"

namespace sifguard::test {

inline constexpr const char* kImagePassword = "0123456789abcdef0123456789abcdef";

class EncryptedImages {
 public:
  /// What is missing here to make them, or nothing.
  static std::string missing() {
    if (::geteuid() != 0) return "needs root";
    if (::access("/dev/fuse", R_OK) != 0) return "no FUSE here";
    if (::access("/dev/loop-control", R_OK) != 0) return "no loop devices here";
    for (const char* tool : {"mksquashfs", "gocryptfs", "cryptsetup", "fusermount3"}) {
      const std::string found =
          std::string("PATH=$PATH:/usr/sbin:/sbin command -v ") + tool + " >/dev/null";
      if (std::system(found.c_str()) != 0) return std::string(tool) + " is not installed";
    }
    return {};
  }

  EncryptedImages() {
    make(
        "mkdir tree tree/bin tree/etc && head -c 3000000 /dev/urandom >tree/bin/large && "
        "for i in $(seq 200); do echo file $i >tree/etc/$i; done && echo secret >tree/etc/shadow "
        "&& "
        "ln -s large tree/bin/link && chmod -R go+rX tree && chmod 0600 tree/etc/shadow && "
        "cp tree/bin/large tree/bin/setuid && chmod 4755 tree/bin/setuid && "
        "mksquashfs tree plain -quiet -all-root -comp gzip");
    make("mkdir shell clear && printf 'P\\nP\\n' | sed s/P/" + std::string(kImagePassword) +
         "/ | gocryptfs -init -q -scryptn 10 -deterministic-names -plaintextnames shell && "
         "echo " +
         kImagePassword +
         " | gocryptfs -q shell clear && cp plain clear/squashfs-1 && "
         "fusermount3 -u clear && mksquashfs shell gocryptfs -quiet -all-root -noD -noF");
    make("printf %s " + std::string(kImagePassword) +
         " >password && cp plain luks && "
         "truncate -s %4096 luks && truncate -s +2m luks && "
         "PATH=$PATH:/usr/sbin:/sbin cryptsetup reencrypt --encrypt --batch-mode --type luks2 "
         "--key-file password --sector-size 512 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 "
         "--luks2-metadata-size 16k --luks2-keyslots-size 480k --reduce-device-size 2m luks");
  }
  EncryptedImages(const EncryptedImages&) = delete;
  EncryptedImages& operator=(const EncryptedImages&) = delete;

  /// Why they could not be made, or nothing.
  [[nodiscard]] const std::string& failure() const { return failure_; }
  [[nodiscard]] const TempDir& directory() const { return directory_; }
  [[nodiscard]] std::string tree() const { return directory_ / "tree"; }

 private:
  void make(const std::string& command) {
    if (!failure_.empty()) return;
    if (run(directory_, "set -e; umask 022; " + command) != 0)
      failure_ = read_file(directory_ / "log") + command;
  }
  TempDir directory_;
  std::string failure_;
};

/// A file with `kind` ("plain", "gocryptfs", "luks", …) as the partition of an image.
struct OpenedPartition {
  UniqueFd fd;
  ImagePartition partition;
};
inline OpenedPartition partition_of(const TempDir& directory, const std::string& kind) {
  static constexpr std::size_t kOffset = 8192;
  const std::string image = directory / (kind + ".sif");
  write_file(image,
             std::string(kOffset, 'x') + read_file(directory / kind) + std::string(4096, 'x'));
  ::chmod(image.c_str(), 0444);  // as staged copies are, whatever the umask
  OpenedPartition opened{UniqueFd(::open(image.c_str(), O_RDONLY | O_CLOEXEC)), {}};
  opened.partition = {opened.fd.get(), kOffset, std::filesystem::file_size(directory / kind)};
  return opened;
}

}  // namespace sifguard::test
