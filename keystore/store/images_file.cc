// The images.yaml of a keystore, read and replaced by one command at a time. Runs with the rights
// of the admin.
#include "keystore/store/images_file.h"

#include <sys/stat.h>

#include <cerrno>

#include "keystore/policy/policy.h"
#include "keystore/store/single_file.h"

namespace sifguard {
namespace {

constexpr int kLockTimeoutMs = 10'000;

}  // namespace

Result<FileLock> lock_images(const Keystore& keystore) {
  SG_TRY(const EntryParent top, keystore.top());
  if (top.writes == Writes::withheld) return FileLock::none();
  return FileLock::acquire(top.fd.get(), ".images.lock", FileLock::Mode::exclusive, kLockTimeoutMs,
                           top.shown + "/.images.lock");
}

Result<std::string> images_or_none(const Keystore& keystore) {
  auto text = keystore.images_text();
  struct stat st {};
  const std::string path = keystore.directory() + "/" + kImagesFile;
  if (!text && ::lstat(path.c_str(), &st) != 0 && errno == ENOENT) return std::string();
  return text;
}

Status replace_images(Keystore& keystore, std::string_view before, std::string_view text) {
  {
    SG_TRY(const FileLock held, keystore.lock());
    SG_TRY(const EntryParent top, keystore.top());
    SG_CHECK(put_file(top, kPreviousImages, before));
  }
  return keystore.replace_images_text(text);
}

}  // namespace sifguard
