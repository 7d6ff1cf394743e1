// The OCI image in an OCI-SIF. Runs where oci_image.h says.
#include "helper/sif/oci_image.h"

#include <algorithm>
#include <map>
#include <optional>

#include "helper/sif/oci_media_types.h"
#include "helper/sif/structure.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"

namespace sifguard::sif {
namespace {

constexpr const char* kPlainSif = "build it as a plain SIF";

tl::unexpected<Error> unfit(std::string what, std::string remedy = {}) {
  return fail(Code::refused, std::move(what), std::move(remedy));
}

bool is_oci_type(DataType type) noexcept {
  return type == DataType::oci_root_index || type == DataType::oci_blob;
}

Status check_company(const Image& image) {
  for (const Descriptor& object : image.objects) {
    if (is_oci_type(object.type) || object.type == DataType::signature) continue;
    return unfit(object.shown() +
                 " stands beside an OCI image, where nothing but its blobs and "
                 "signatures may be");
  }
  return {};
}

Result<std::size_t> find_root_index(const Image& image) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < image.objects.size(); ++i) {
    if (image.objects[i].type != DataType::oci_root_index) continue;
    if (found) {
      return unfit(image.objects[*found].shown() + " and " + image.objects[i].shown() +
                   " are both OCI root indices");
    }
    found = i;
  }
  if (found) return *found;
  return unfit("the image has OCI blobs but no OCI root index");
}

/// The digest that its descriptor states; a name that is one too must be the same.
Result<std::string> stated_digest(const Descriptor& object) {
  const std::string digest(oci_digest(object));
  if (digest.empty()) return unfit("the descriptor of " + object.shown() + " states no digest");
  const std::string_view name = object.name();
  if (name.starts_with("sha256:") && name != digest) {
    return unfit(object.shown() + " is named by another digest than its descriptor states, " +
                 digest);
  }
  return digest;
}

/// The blobs by digest, each of which is taken once.
class Blobs {
 public:
  static Result<Blobs> of(const Image& image) {
    Blobs blobs(image);
    for (std::size_t i = 0; i < image.objects.size(); ++i) {
      if (!is_oci_type(image.objects[i].type)) continue;
      SG_TRY(const std::string digest, stated_digest(image.objects[i]));
      const auto [at, is_new] = blobs.by_digest_.emplace(digest, Blob{i});
      if (!is_new) {
        return unfit(image.objects[at->second.object].shown() + " and " + image.objects[i].shown() +
                     " are the same OCI blob, " + digest);
      }
    }
    return blobs;
  }

  /// The object that `reference`, called `role` in messages, is about.
  Result<std::size_t> take(const OciReference& reference, const std::string& role) {
    const auto found = by_digest_.find(reference.digest);
    if (found == by_digest_.end()) {
      return unfit(role + ", " + reference.digest + ", is not in the image");
    }
    const Descriptor& object = image_->objects[found->second.object];
    if (object.type == DataType::oci_root_index || found->second.taken) {
      return unfit(role + " is " + object.shown() + ", which is something else already");
    }
    if (object.size != reference.size) {
      return unfit(object.shown() + " has " + std::to_string(object.size) + " bytes, but as " +
                   role + " it is said to have " + std::to_string(reference.size));
    }
    found->second.taken = true;
    return found->second.object;
  }

  /// Nothing is left over but the root index.
  [[nodiscard]] Status check_all_taken() const {
    for (const Descriptor& object : image_->objects) {
      if (object.type != DataType::oci_blob) continue;
      if (by_digest_.at(std::string(oci_digest(object))).taken) continue;
      return unfit(object.shown() + " belongs to no part of the OCI image, " +
                   std::string(oci_digest(object)));
    }
    return {};
  }

 private:
  struct Blob {
    std::size_t object = 0;
    bool taken = false;
  };
  explicit Blobs(const Image& image) : image_(&image) {}
  const Image* image_;
  std::map<std::string, Blob> by_digest_;
};

Result<std::string> read_document(int fd, const Descriptor& object) {
  if (object.size > kMaxOciDocument) {
    return unfit(object.shown() + ", a document of an OCI image, has " +
                 std::to_string(object.size) + " bytes, more than the " +
                 std::to_string(kMaxOciDocument) + " allowed");
  }
  std::string text(static_cast<std::size_t>(object.size), '\0');
  SG_CHECK(pread_exact(fd, std::as_writable_bytes(std::span(text)), object.offset, object.shown()));
  return text;
}

bool is_cosigns(const OciReference& manifest) {
  const auto name = manifest.annotations.find(std::string(kReferenceName));
  return name != manifest.annotations.end() && name->second.starts_with(kCosignName);
}

/// The one manifest of the root index.
Result<OciReference> only_manifest(const std::vector<OciReference>& all) {
  const bool cosign = std::any_of(all.begin(), all.end(), is_cosigns);
  if (cosign) {
    return unfit("the OCI image carries signatures or attestations of cosign, which do not count",
                 "pull it without them and sign it as a SIF: singularity sign, or sif-sign");
  }
  if (all.size() != 1) {
    return unfit(
        "the OCI root index names " + std::to_string(all.size()) + " manifests, not one image",
        all.empty() ? "" : "pull it for one platform");
  }
  const std::string& type = all.front().media_type;
  if (type == kOciIndexType || type == kDockerListType) {
    return unfit("the OCI root index names another index, of several platforms",
                 "pull it for one platform");
  }
  if (type != kOciManifestType && type != kDockerManifestType) {
    return unfit("the OCI root index names a manifest of the unknown type '" +
                 printable(type, 100) + "'");
  }
  return all.front();
}

Status check_artifact_type(const std::string& type, const OciManifest& manifest) {
  if (type.empty() || type == manifest.config.media_type) return {};
  if (type == kDataContainerType) {
    return unfit("the image is an OCI data container, which holds nothing to run");
  }
  return unfit("the OCI image is an artifact of the unknown type '" + printable(type, 100) + "'");
}

Status check_config_type(const OciManifest& manifest) {
  const std::string& type = manifest.config.media_type;
  if (type == kOciConfigType || type == kDockerConfigType) return {};
  return unfit("the OCI manifest names a configuration of the unknown type '" +
               printable(type, 100) + "'");
}

Status check_layer_type(const OciReference& layer, const std::string& role) {
  if (layer.media_type == kSquashfsLayerType) return {};
  if (layer.media_type == kExt3LayerType) {
    return unfit(role + " is ext3, an overlay to be written into, which could change the image",
                 "singularity overlay seal IMAGE makes it read-only; then sign it");
  }
  if (layer.media_type.find(".tar") != std::string::npos) {
    return unfit(role + " is a tar archive, not a squashfs", kPlainSif);
  }
  return unfit(role + " is of the unknown type '" + printable(layer.media_type, 100) + "'");
}

Result<std::vector<std::size_t>> take_layers(int fd, const Image& image,
                                             const OciManifest& manifest, Blobs& blobs) {
  if (manifest.layers.empty() || manifest.layers.size() > kMaxOciLayers) {
    return unfit("the OCI manifest names " + std::to_string(manifest.layers.size()) +
                 " layers, not 1 to " + std::to_string(kMaxOciLayers));
  }
  std::vector<std::size_t> layers;
  for (const OciReference& layer : manifest.layers) {
    const std::string role = "layer " + std::to_string(layers.size() + 1) + " of the OCI image";
    SG_CHECK(check_layer_type(layer, role));
    SG_TRY(const std::size_t object, blobs.take(layer, role));
    SG_CHECK(check_squashfs(fd, image.objects[object]));
    layers.push_back(object);
  }
  return layers;
}

/// A squashfs is stored as it is, so it has one digest.
Status check_config(const OciConfig& config, const OciManifest& manifest) {
  if (config.os != "linux") {
    return unfit("the OCI image is for '" + printable(config.os, 32) + "', not for linux");
  }
  if (config.diff_ids.size() != manifest.layers.size()) {
    return unfit("the OCI configuration speaks of " + std::to_string(config.diff_ids.size()) +
                 " layers, the manifest of " + std::to_string(manifest.layers.size()));
  }
  for (std::size_t i = 0; i < config.diff_ids.size(); ++i) {
    if (config.diff_ids[i] == manifest.layers[i].digest) continue;
    return unfit("the OCI configuration states another digest for layer " + std::to_string(i + 1) +
                 " than the manifest");
  }
  return {};
}

}  // namespace

bool has_oci_objects(const Image& image) noexcept {
  return std::any_of(image.objects.begin(), image.objects.end(),
                     [](const Descriptor& object) { return is_oci_type(object.type); });
}

std::string_view oci_digest(const Descriptor& object) noexcept {
  const std::string_view field = as_text(std::span(object.raw).subspan(kExtraOffset, kExtraSize));
  const std::string_view text = field.substr(0, field.find('\0'));
  const bool clean = field.find_first_not_of('\0', text.size()) == std::string_view::npos;
  return is_oci_type(object.type) && clean && is_oci_digest(text) ? text : std::string_view();
}

Result<OciImage> read_oci_image(int fd, const Image& image) {
  OciImage oci;
  SG_CHECK(check_company(image));
  SG_TRY(oci.root_index, find_root_index(image));
  SG_TRY(Blobs blobs, Blobs::of(image));
  SG_TRY(const std::string index, read_document(fd, image.objects[oci.root_index]));
  SG_TRY(const auto manifests, parse_oci_index(index));
  SG_TRY(const OciReference named, only_manifest(manifests));
  SG_TRY(oci.manifest, blobs.take(named, "the manifest of the OCI image"));
  SG_TRY(const std::string text, read_document(fd, image.objects[oci.manifest]));
  SG_TRY(const OciManifest manifest, parse_oci_manifest(text, named.media_type));
  SG_CHECK(check_artifact_type(named.artifact_type, manifest));
  SG_CHECK(check_artifact_type(manifest.artifact_type, manifest));
  SG_CHECK(check_config_type(manifest));
  SG_TRY(oci.config, blobs.take(manifest.config, "the configuration of the OCI image"));
  SG_TRY(oci.layers, take_layers(fd, image, manifest, blobs));
  SG_CHECK(blobs.check_all_taken());
  SG_TRY(const std::string config, read_document(fd, image.objects[oci.config]));
  SG_TRY(oci.settings, parse_oci_config(config));
  SG_CHECK(check_config(oci.settings, manifest));
  return oci;
}

}  // namespace sifguard::sif
