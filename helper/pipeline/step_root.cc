// The decrypted root of a staged image, mounted for one step. Root, in the task's own mount
// namespace.
#include "helper/pipeline/step_root.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "helper/launch/plan.h"
#include "helper/mount/step_cgroups.h"
#include "helper/release/crypto_message.h"
#include "helper/release/volume_key.h"
#include "helper/sif/sif_format.h"

namespace sifguard {
namespace {

using sif::FileSystem;

/// Whoever logs there waits for nobody; a node without such a log has no lines.
UniqueFd open_log() {
  UniqueFd log(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  struct sockaddr_un address {};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, "/dev/log", sizeof address.sun_path - 1);
  const auto* const named = reinterpret_cast<const struct sockaddr*>(&address);
  if (!log.valid() || ::connect(log.get(), named, sizeof address) != 0) log.reset();
  return log;
}

FileSystem file_system_of(const ImageFacts& facts) {
  return static_cast<FileSystem>(facts.primary_fstype);
}

Result<SealedKind> kind_of(const ImageFacts& facts) {
  switch (file_system_of(facts)) {
    case FileSystem::gocryptfs_squashfs:
      return SealedKind::gocryptfs;
    case FileSystem::luks_squashfs:
      return SealedKind::luks;
    default:
      return fail(Code::refused, "the image is not encrypted");
  }
}

/// The verifier, which parsed hostile bytes, says where it is: bounded again here.
Result<ImagePartition> partition_of(const ImageFacts& facts, const PartitionFact& place,
                                    int image) {
  const auto [offset, size] = place;
  if (size == 0 || size > facts.image_size || offset > facts.image_size - size) {
    return fail(Code::refused, "the image's root is not inside the image");
  }
  return ImagePartition{image, offset, size};
}

/// The one partition, or the layers of an OCI image.
Result<std::vector<ImagePartition>> partitions_of(const ImageFacts& facts, int image) {
  const std::vector<PartitionFact> places =
      facts.oci ? facts.oci->layers : std::vector<PartitionFact>{facts.primary};
  std::vector<ImagePartition> partitions;
  for (const PartitionFact& place : places) {
    SG_TRY(const ImagePartition partition, partition_of(facts, place, image));
    partitions.push_back(partition);
  }
  return partitions;
}

/// Out of the image, which holds the message that it came with.
Result<VolumeKey> open_cold(const KeyGrant& grant, const StoredPrivateKey& stored, int image,
                            const StagedImage& staged) {
  const ImageFacts& facts = *staged.facts();
  if (!facts.message) return fail(Code::refused, "the image is not encrypted");
  SG_TRY(const std::string message, read_crypto_message(image, facts.image_size, *facts.message));
  return release_volume_key(grant, stored, message, staged.digest());
}

/// One that does not open is made anew.
Result<VolumeKey> open_warm(const KeyGrant& grant, const StoredPrivateKey& stored, int image,
                            const StagedImage& staged) {
  const auto& sealed = staged.record().sealed_content_key;
  if (!sealed.empty()) {
    if (auto key = release_content_key(grant, stored, sealed, staged.digest())) return key;
  }
  return open_cold(grant, stored, image, staged);
}

/// Puts the fresh copy into the cache, as it came, once it has been opened.
Result<VolumeKey> open_fresh(const KeyGrant& grant, const StoredPrivateKey& stored,
                             StagedImage& staged, const ImageCache& cache) {
  SG_TRY(VolumeKey key, open_cold(grant, stored, staged.copy().fd.get(), staged));
  EntryRecord record = staged.record();
  record.key_id = grant.key().id;
  record.release = Release::mount;
  SG_CHECK(staged.publish(cache, record, {}));
  return key;
}

/// Not to have it costs the next launch the derivation, and no more.
void keep_content_key(const RootMount& root, const KeyGrant& grant, const StoredPrivateKey& stored,
                      StagedImage& staged, const ImageCache& cache) {
  if (root.content_key().empty()) return;
  auto sealed = seal_content_key(grant, stored, root.content_key(), staged.digest());
  if (sealed) (void)staged.remember_content_key(cache, *std::move(sealed));
}

}  // namespace

StepRoot::StepRoot(const StagingOptions& options, const StepOwner& owner)
    : options_(options), owner_(owner), log_(open_log()) {}

RootMountOptions StepRoot::root_options() const {
  RootMountOptions root;
  root.server.libexec_dir = options_.libexec_dir;
  root.server.identity = options_.verifier;
  root.server.cgroups = kCgroups;
  root.server.log = log_.get();
  root.server.owner = owner_.daemon;
  if (options_.mount_driver == MountDriver::fuse) root.squashfuse = options_.squashfuse;
  root.scratch = kJobDirectory;
  root.uid = owner_.uid;
  root.gid = owner_.gid;
  root.deadline_ms = monotonic_ms() + std::int64_t{options_.verify_timeout_s} * 1000;
  return root;
}

Result<RootMount> StepRoot::plain(const Admission& admission, const StagedImage& staged) {
  const ImageFacts& facts = *staged.facts();
  if (!facts.oci && file_system_of(facts) != FileSystem::squashfs) {
    return fail(Code::refused, "the image's root is no squashfs, which alone can be mounted",
                "build it without --sandbox or ext3, or bind it with --release pem");
  }
  SG_TRY(const UniqueFd image, staged.open());
  SG_TRY(const auto partitions, partitions_of(facts, image.get()));
  return mount_layered_root(admission, partitions, root_options());
}

Result<RootMount> StepRoot::encrypted(const Admission& admission, const KeyGrant& grant,
                                      const TakeStoredKey& take, StagedImage& staged,
                                      const ImageCache& cache) {
  SG_TRY(const SealedKind kind, kind_of(*staged.facts()));
  std::optional<StoredPrivateKey> stored;
  std::optional<VolumeKey> key;
  if (staged.is_fresh()) {
    SG_TRY(stored, take());
    SG_TRY(key, open_fresh(grant, *stored, staged, cache));
  }
  SG_TRY(const UniqueFd image, staged.open());
  SG_TRY(const ImagePartition partition,
         partition_of(*staged.facts(), staged.facts()->primary, image.get()));
  const auto release = [&]() -> Result<const VolumeKey*> {
    if (!key) {
      SG_TRY(stored, take());
      SG_TRY(key, open_warm(grant, *stored, image.get(), staged));
    }
    return &*key;
  };
  if (options_.tell) options_.tell("unlocking the image");
  auto root = mount_encrypted_root(admission, partition, kind, release, root_options());
  if (options_.tell) options_.tell("");
  if (root) keep_content_key(*root, grant, *stored, staged, cache);
  return root;
}

}  // namespace sifguard
