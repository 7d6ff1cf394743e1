// The media types of the blobs of an OCI image. Constants only.
//
// Sources: OCI image specification 1.1, Docker image manifest version 2 schema 2; SingularityCE 4
// for those of "vnd.sylabs".
#pragma once

#include <string_view>

namespace sifguard::sif {

inline constexpr std::string_view kOciIndexType = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view kDockerListType =
    "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view kOciManifestType = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view kDockerManifestType =
    "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view kOciConfigType = "application/vnd.oci.image.config.v1+json";
inline constexpr std::string_view kDockerConfigType =
    "application/vnd.docker.container.image.v1+json";
inline constexpr std::string_view kSquashfsLayerType =
    "application/vnd.sylabs.image.layer.v1.squashfs";
inline constexpr std::string_view kExt3LayerType = "application/vnd.sylabs.image.layer.v1.ext3";
inline constexpr std::string_view kDataContainerType = "application/vnd.sylabs.data-container.v1";

/// The annotation that names a manifest of an index, and how the names that cosign makes begin.
inline constexpr std::string_view kReferenceName = "org.opencontainers.image.ref.name";
inline constexpr std::string_view kCosignName = "_cosign:";

}  // namespace sifguard::sif
