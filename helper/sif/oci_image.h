// The OCI image in an OCI-SIF, as SingularityCE makes it: layers, configuration, manifest and root
// index, each one object of the SIF. Runs where image.h runs; reads with pread only.
//
// Format: the objects are of the types OCI.RootIndex (one) and OCI.Blob; the extra field of each
// descriptor holds the SHA-256 digest of its data as text, "sha256:" and 64 digits. There is no
// partition, and the header names no architecture. Source: sylabs/oci-tools and SingularityCE 4.5.
//
// Only a single image with squashfs layers is accepted: every object must be reachable exactly once
// from the one manifest that the root index names, and digests and sizes must agree wherever they
// are stated. Whether the data has these digests is checked by the sandboxed verifier, which hashes
// it.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "helper/sif/image.h"
#include "helper/sif/oci_json.h"

namespace sifguard::sif {

/// Indices into Image::objects, all different.
struct OciImage {
  std::size_t root_index = 0;
  std::size_t manifest = 0;
  std::size_t config = 0;
  std::vector<std::size_t> layers;  ///< the lowest first; 1 … kMaxOciLayers, each a squashfs
  OciConfig settings;
};

/// Whether it has objects of an OCI image, valid or not.
[[nodiscard]] bool has_oci_objects(const Image& image) noexcept;

/// "sha256:…", as the descriptor of an OCI object states it; empty when it states none.
[[nodiscard]] std::string_view oci_digest(const Descriptor& object) noexcept;

/// Errors: Code::refused, one sentence that names the object or document; those of reading.
[[nodiscard]] Result<OciImage> read_oci_image(int fd, const Image& image);

}  // namespace sifguard::sif
