// How an encrypted image's key serves a job, and by whom its root is mounted. Pure.
#include "keystore/policy/release.h"

#include "keystore/base/text.h"
#include "keystore/policy/yaml_view.h"

namespace sifguard {

std::string_view release_name(Release release) noexcept {
  return release == Release::mount ? "mount" : "pem";
}

std::optional<Release> release_of(std::string_view word) noexcept {
  for (const Release release : {Release::pem, Release::mount}) {
    if (word == release_name(release)) return release;
  }
  return std::nullopt;
}

Result<Release> read_release(const YamlView& field) {
  SG_TRY(const std::string word, field.text());
  const auto release = release_of(word);
  if (!release) return field.error("is '" + printable(word, 100) + "'", "write pem or mount");
  return *release;
}

std::string_view driver_name(MountDriver driver) noexcept {
  return driver == MountDriver::fuse ? "fuse" : "kernel";
}

Result<MountDriver> read_driver(const YamlView& field) {
  SG_TRY(const std::string word, field.text());
  for (const MountDriver driver : {MountDriver::kernel, MountDriver::fuse}) {
    if (word == driver_name(driver)) return driver;
  }
  return field.error("is '" + printable(word, 100) + "'", "write kernel or fuse");
}

}  // namespace sifguard
