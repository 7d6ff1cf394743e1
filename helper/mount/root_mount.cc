// An image's decrypted root as a mount that nobody sees until it is placed. Root.
#include "helper/mount/root_mount.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "helper/mount/fuse_connection.h"
#include "helper/mount/layers.h"
#include "helper/mount/sealed_image.h"

namespace sifguard {

namespace {

Result<UniqueFd> open_served(const DetachedMount& mount) {
  const std::string path = "/proc/self/fd/" + std::to_string(mount.fd());
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return fail_errno(Code::internal, "cannot open the decrypted image", errno);
  return file;
}

}  // namespace

Status RootMount::place(const std::string& directory) const {
  if (higher_.empty()) return mount_.place(directory);
  std::vector<const DetachedMount*> layers = {&mount_};
  for (const DetachedMount& layer : higher_) layers.push_back(&layer);
  return place_layers(layers, scratch_, directory);
}

Result<RootMount> mount_plain_root(const Admission& admission, const ImagePartition& partition,
                                   const RootMountOptions& options) {
  (void)admission;  // having one is the condition
  SG_TRY(SquashfsMount squashfs,
         mount_squashfs({partition.fd, partition.offset, partition.size}, options));
  return RootMount(std::move(squashfs));
}

Result<RootMount> mount_layered_root(const Admission& admission,
                                     std::span<const ImagePartition> layers,
                                     const RootMountOptions& options) {
  if (layers.empty()) return fail(Code::internal, "an image without layers");
  SG_TRY(RootMount root, mount_plain_root(admission, layers.front(), options));
  root.scratch_ = options.scratch;
  for (const ImagePartition& layer : layers.subspan(1)) {
    SG_TRY(RootMount higher, mount_plain_root(admission, layer, options));
    root.shows_owner_ = root.shows_owner_ && higher.shows_owner_;
    root.higher_.push_back(std::move(higher.mount_));
  }
  return root;
}

Result<RootMount> mount_encrypted_root(const Admission& admission, const ImagePartition& partition,
                                       SealedKind kind, const VolumeKeySource& key,
                                       const RootMountOptions& options) {
  (void)admission;
  SG_TRY(const SealedImage sealed, SealedImage::open(partition, kind, options));
  // Root alone opens it, or else the account of squashfuse, to whom the descriptor is handed.
  const bool for_squashfuse = !options.squashfuse.empty();
  SG_TRY(FuseConnection connection, connect_fuse({.for_others = for_squashfuse}, options.scratch));
  SG_TRY(ImageServer server,
         ImageServer::start(options.server, connection.fuse.get(), sealed.file()));
  // From here on it ends with its server: nobody waits for one that is dead.
  connection.fuse.reset();
  SG_TRY(const VolumeKey* const released, key());
  SG_CHECK(server.give(*released));
  SG_TRY(ImagefsAnswer answer, server.answer(options.deadline_ms));
  SG_TRY(const UniqueFd plain, open_served(connection.mount));
  SG_TRY(SquashfsMount squashfs,
         mount_squashfs({.file = plain.get(), .size = answer.size, .direct = true}, options));
  RootMount root(std::move(squashfs));
  root.server_ = std::move(server).let_go();
  root.content_key_ = std::move(answer.content_key);
  return root;
}

}  // namespace sifguard
