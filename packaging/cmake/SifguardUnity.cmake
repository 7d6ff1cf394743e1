# Several sources of a library or a program are compiled as one: the headers of the standard library, CLI11 and JSON are
# then instantiated once for a dozen sources, and a clean build takes a third of the CPU time. Two sources of one target
# must not give one name to two things in their unnamed namespaces.
option(SIFGUARD_UNITY "Compile several sources as one: the quickest clean build" ON)

include(SifguardTargets)

if(SIFGUARD_UNITY)
  foreach(directory keystore helper)
    sifguard_targets(${PROJECT_SOURCE_DIR}/${directory} targets)
    # The launcher, a static program, must take from the base only what it calls: no name service.
    list(REMOVE_ITEM targets sifguard_base)
    foreach(target ${targets})
      get_target_property(type ${target} TYPE)
      if(type MATCHES "^(STATIC_LIBRARY|EXECUTABLE)$")
        set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 12)
      endif()
    endforeach()
  endforeach()
endif()
