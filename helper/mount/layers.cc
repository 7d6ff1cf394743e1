// Several squashfs as one root. Root, in a mount namespace of the task's own.
#include "helper/mount/layers.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "helper/mount/mount_refusal.h"

namespace sifguard {
namespace {

/// The layers in places that an overlay can be told of, for as long as it is made. It keeps what it
/// was told of; a mount that is nowhere it does not take before Linux 6.15.
class Places {
 public:
  explicit Places(const std::string& scratch) : scratch_(scratch) {}
  Places(const Places&) = delete;
  Places& operator=(const Places&) = delete;
  ~Places() {
    for (const std::string& place : places_) {
      ::umount2(place.c_str(), MNT_DETACH);
      ::rmdir(place.c_str());
    }
  }

  Status add(const DetachedMount& layer) {
    // Short: the names of all have to fit into a page.
    const std::string place = scratch_ + "/l" + std::to_string(places_.size());
    if (::mkdir(place.c_str(), 0700) != 0) {
      return fail_errno(Code::internal, "cannot make " + place, errno);
    }
    places_.push_back(place);
    return layer.place(place);
  }

  /// The highest first, as overlayfs has them.
  [[nodiscard]] std::string lowerdir() const {
    std::string text;
    for (std::size_t i = places_.size(); i-- > 0;) text += (text.empty() ? "" : ":") + places_[i];
    return text;
  }

 private:
  const std::string& scratch_;
  std::vector<std::string> places_;
};

}  // namespace

Status place_layers(const std::vector<const DetachedMount*>& layers, const std::string& scratch,
                    const std::string& directory) {
  Places places(scratch);
  for (const DetachedMount* layer : layers) SG_CHECK(places.add(*layer));
  const std::string options = "redirect_dir=nofollow,lowerdir=" + places.lowerdir();
  constexpr unsigned long kFlags = MS_RDONLY | MS_NOSUID | MS_NODEV;
  if (::mount("sifguard", directory.c_str(), "overlay", kFlags, options.c_str()) == 0) return {};
  return mount_refusal("the kernel cannot mount the image's layers as an overlay", errno, "overlay",
                       true);
}

}  // namespace sifguard
