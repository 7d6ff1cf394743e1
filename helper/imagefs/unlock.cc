// From an order, a secret and encrypted bytes to the source that is served. Hostile bytes.
#include "helper/imagefs/unlock.h"

#include <string>

#include "helper/imagefs/gocryptfs_conf.h"
#include "helper/imagefs/gocryptfs_file.h"
#include "helper/imagefs/gocryptfs_key.h"
#include "helper/imagefs/luks_header.h"
#include "helper/imagefs/luks_key.h"
#include "helper/imagefs/luks_volume.h"

namespace sifguard {
namespace {

Result<std::string> read_conf(int fd) {
  SG_TRY(const FileWindow file, FileWindow::whole(fd));
  if (file.size() > kMaxGocryptfsConf) {
    return fail(Code::refused, "gocryptfs.conf is larger than any");
  }
  std::string text(file.size(), '\0');
  SG_CHECK(file.read(0, std::as_writable_bytes(std::span(text))));
  return text;
}

Result<SecretBytes> gocryptfs_key(const SecretBytes& password, int conf_fd) {
  SG_TRY(const std::string text, read_conf(conf_fd));
  SG_TRY(const GocryptfsConf conf, parse_gocryptfs_conf(text));
  return gocryptfs_content_key(conf, password);
}

Result<LuksMetadata> read_metadata(const BlockSource& partition) {
  SG_TRY(const LuksHeader header, read_luks_header(partition));
  return parse_luks_metadata(header.json, header.size, partition.size());
}

Result<std::unique_ptr<BlockSource>> open_luks(const BlockSource& sealed,
                                               const LuksMetadata& metadata, SecretBytes key) {
  if (key.size() != kLuksKey) return fail(Code::refused, "the image's key has a wrong size");
  return std::make_unique<LuksVolume>(sealed, metadata, std::move(key));
}

/// `find_key` makes the content key of the secret, where the secret is not that key itself.
template <typename FindKey, typename Open>
Result<Unlocked> unlock_by(ImagefsSecret secret, FindKey find_key, Open open) {
  Unlocked unlocked;
  if (!secret.is_content_key) {
    SG_TRY(secret.bytes, find_key(secret.bytes));
    SG_TRY(unlocked.content_key, SecretBytes::copy_of(secret.bytes.bytes()));
  }
  SG_TRY(unlocked.plain, open(std::move(secret.bytes)));
  return unlocked;
}

Result<Unlocked> unlock_luks(const BlockSource& sealed, ImagefsSecret secret) {
  SG_TRY(const LuksMetadata metadata, read_metadata(sealed));
  return unlock_by(
      std::move(secret),
      [&](const SecretBytes& given) { return luks_volume_key(sealed, metadata, given); },
      [&](SecretBytes key) { return open_luks(sealed, metadata, std::move(key)); });
}

Result<Unlocked> unlock_gocryptfs(const BlockSource& sealed, ImagefsSecret secret, int conf) {
  return unlock_by(
      std::move(secret), [&](const SecretBytes& password) { return gocryptfs_key(password, conf); },
      [&](SecretBytes key) { return GocryptfsFile::open(sealed, std::move(key)); });
}

}  // namespace

Result<Unlocked> unlock(const ImagefsOrder& order, const BlockSource& sealed, ImagefsSecret secret,
                        int conf) {
  return order.kind == SealedKind::luks ? unlock_luks(sealed, std::move(secret))
                                        : unlock_gocryptfs(sealed, std::move(secret), conf);
}

}  // namespace sifguard
