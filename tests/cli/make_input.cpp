// Makes the inputs of the command line tests: make_input KIND PATH.
//
//   small    (time unlimited 10, lat 6, lon 8): sst float32 = t² + 10 y + x, missing where (t + y + x) % 7 == 0, one
//            step a chunk, shuffle and deflate; packed int16 = 100 t + y + x with scale_factor 0.01, chunks that divide
//            no axis; mask(lat, lon) of flags; time in days of a 360-day calendar
//   noise    (time 160, lat 128, lon 640): sst float32 in [0, 1) that no codec makes smaller, one in 16 missing, one
//            step a chunk: 50 MiB
//   series   the same over (time 240, lat 1024, lon 1024): 1 GB
//   hollow   (time 40000, lat 1000, lon 1000): sst float32 without a single chunk stored: 160 GB to work through in a
//            file of less than 1 MB
//   long     hollow as well, of 400 steps: 1.6 GB, seconds of work
//   block    hollow, (time 40, lat 512, lon 512) in one chunk of 40 MiB
//   plane    (lat 6, lon 8): height float32, and no time
//   strings  small, and a variable `notes` of texts of any length, which Dunlin cannot carry
//
// Written with the HDF5 library as netCDF-4 lays files out: dimension scales, DIMENSION_LIST.

#include <hdf5.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

/// Ends the program where the library refuses.
hid_t must(hid_t id, const char* what) {
  if (id < 0) {
    std::fprintf(stderr, "make_input: cannot %s\n", what);
    std::exit(1);
  }
  return id;
}

void set_text(hid_t object, const char* name, const std::string& text) {
  const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
  H5Tset_size(type, text.size());
  const hid_t attribute = must(H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT), "set an attribute");
  H5Awrite(attribute, type, text.data());
  H5Aclose(attribute);
  H5Tclose(type);
  H5Sclose(space);
}

template <class T>
void set_numbers(hid_t object, const char* name, hid_t type, const std::vector<T>& values) {
  const hsize_t count = values.size();
  const hid_t space = H5Screate_simple(1, &count, nullptr);
  const hid_t attribute = must(H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT), "set an attribute");
  H5Awrite(attribute, type, values.data());
  H5Aclose(attribute);
  H5Sclose(space);
}

struct Dimension {
  std::string name;
  hsize_t length;
  bool unlimited;
};

class File {
 public:
  explicit File(const std::string& path)
      : id_(must(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), "create the file")) {
    set_text(id_, "Conventions", "CF-1.8");
    set_text(id_, "title", "made for tests");
  }
  ~File() { H5Fclose(id_); }

  /// A coordinate variable 0, step, 2 step, … that is a dimension scale.
  void coordinate(const Dimension& dimension, double step, const std::string& units) {
    const hid_t set = create(dimension.name, {dimension}, {dimension.unlimited ? 16u : 0u}, H5T_NATIVE_DOUBLE, 0);
    std::vector<double> values(dimension.length);
    for (std::size_t k = 0; k < values.size(); ++k) values[k] = step * static_cast<double>(k);
    must(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), "write a coordinate");
    set_text(set, "CLASS", std::string("DIMENSION_SCALE", 16));  // with its NUL, as H5DS writes it
    set_text(set, "NAME", dimension.name + '\0');
    set_text(set, "units", units);
    if (dimension.name == "time") set_text(set, "calendar", "360_day");
    H5Dclose(set);
  }

  /// A variable over dimensions that have coordinates. `chunk`: empty for one piece. Returns the data set, to be
  /// closed.
  hid_t variable(const std::string& name, const std::vector<Dimension>& dims, const std::vector<hsize_t>& chunk,
                 hid_t type, int deflate) {
    const hid_t set = create(name, dims, chunk, type, deflate);
    std::vector<hobj_ref_t> references(dims.size());
    std::vector<hvl_t> lists(dims.size());
    for (std::size_t k = 0; k < dims.size(); ++k) {
      H5Rcreate(&references[k], id_, dims[k].name.c_str(), H5R_OBJECT, -1);
      lists[k] = {1, &references[k]};
    }
    const hid_t list_type = H5Tvlen_create(H5T_STD_REF_OBJ);
    set_numbers(set, "DIMENSION_LIST", list_type, lists);
    H5Tclose(list_type);
    return set;
  }

  hid_t id() const { return id_; }

 private:
  hid_t create(const std::string& name, const std::vector<Dimension>& dims, const std::vector<hsize_t>& chunk,
               hid_t type, int deflate) {
    std::vector<hsize_t> shape, most;
    for (const Dimension& dimension : dims) {
      shape.push_back(dimension.length);
      most.push_back(dimension.unlimited ? H5S_UNLIMITED : dimension.length);
    }
    const int rank = static_cast<int>(dims.size());
    const hid_t space = H5Screate_simple(rank, shape.data(), most.data());
    const hid_t how = H5Pcreate(H5P_DATASET_CREATE);
    if (!chunk.empty() && chunk[0] > 0) H5Pset_chunk(how, rank, chunk.data());
    if (deflate > 0) {
      H5Pset_shuffle(how);
      H5Pset_deflate(how, static_cast<unsigned>(deflate));
    }
    if (H5Tequal(type, H5T_NATIVE_FLOAT) > 0) {
      const float missing = 1e20f;
      H5Pset_fill_value(how, type, &missing);
    }
    const hid_t set =
        must(H5Dcreate2(id_, name.c_str(), type, space, H5P_DEFAULT, how, H5P_DEFAULT), "make a variable");
    H5Pclose(how);
    H5Sclose(space);
    return set;
  }

  hid_t id_;
};

const Dimension kTime{"time", 10, true}, kLat{"lat", 6, false}, kLon{"lon", 8, false};

void set_temperature(hid_t set) {
  set_numbers<float>(set, "_FillValue", H5T_NATIVE_FLOAT, {1e20f});
  set_text(set, "units", "K");
  set_text(set, "standard_name", "sea_surface_temperature");
  set_text(set, "cell_methods", "time: mean");
}

void write_small(File& file) {
  file.coordinate(kTime, 30, "days since 2000-01-01");
  file.coordinate(kLat, 1.5, "degrees_north");
  file.coordinate(kLon, 2, "degrees_east");
  const hid_t sst = file.variable("sst", {kTime, kLat, kLon}, {1, 6, 8}, H5T_NATIVE_FLOAT, 4);
  const hid_t packed =
      file.variable("packed", {Dimension{"time", 10, true}, kLat, kLon}, {4, 6, 5}, H5T_NATIVE_SHORT, 0);
  std::vector<float> values;
  std::vector<std::int16_t> shorts;
  for (int t = 0; t < 10; ++t)
    for (int y = 0; y < 6; ++y)
      for (int x = 0; x < 8; ++x) {
        values.push_back((t + y + x) % 7 == 0 ? 1e20f : static_cast<float>(t * t + 10 * y + x));
        shorts.push_back(static_cast<std::int16_t>(100 * t + y + x));
      }
  must(H5Dwrite(sst, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), "write sst");
  must(H5Dwrite(packed, H5T_NATIVE_SHORT, H5S_ALL, H5S_ALL, H5P_DEFAULT, shorts.data()), "write packed");
  set_temperature(sst);
  set_numbers<float>(packed, "scale_factor", H5T_NATIVE_FLOAT, {0.01f});
  const hid_t mask = file.variable("mask", {kLat, kLon}, {}, H5T_NATIVE_SCHAR, 0);
  std::vector<std::int8_t> flags(48);
  for (int k = 0; k < 48; ++k) flags[static_cast<std::size_t>(k)] = static_cast<std::int8_t>(k % 2);
  must(H5Dwrite(mask, H5T_NATIVE_SCHAR, H5S_ALL, H5S_ALL, H5P_DEFAULT, flags.data()), "write mask");
  set_numbers<std::int8_t>(mask, "flag_values", H5T_NATIVE_SCHAR, {0, 1});
  set_text(mask, "flag_meanings", "sea land");
  H5Dclose(sst);
  H5Dclose(packed);
  H5Dclose(mask);
}

void write_plane(File& file) {
  file.coordinate(kLat, 1.5, "degrees_north");
  file.coordinate(kLon, 2, "degrees_east");
  const hid_t height = file.variable("height", {kLat, kLon}, {}, H5T_NATIVE_FLOAT, 0);
  const std::vector<float> values(48, 1.0f);
  must(H5Dwrite(height, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), "write height");
  H5Dclose(height);
}

/// Written step by step, so that the maker itself stays small.
void write_noise(File& file, hsize_t steps, hsize_t rows, hsize_t columns) {
  const Dimension time{"time", steps, true}, lat{"lat", rows, false}, lon{"lon", columns, false};
  file.coordinate(time, 1, "days since 2000-01-01");
  file.coordinate(lat, 1, "degrees_north");
  file.coordinate(lon, 1, "degrees_east");
  const hid_t sst = file.variable("sst", {time, lat, lon}, {1, rows, columns}, H5T_NATIVE_FLOAT, 0);
  std::vector<float> values(rows * columns);
  std::uint64_t state = 1;
  for (hsize_t step = 0; step < steps; ++step) {
    for (float& value : values) {
      state = state * 6364136223846793005u + 1442695040888963407u;  // Knuth's MMIX generator
      value = (state >> 36) % 16 == 0 ? 1e20f : static_cast<float>(state >> 40) / 16777216.0f;
    }
    const hsize_t start[3] = {step, 0, 0};
    must(H5Dwrite_chunk(sst, H5P_DEFAULT, 0, start, values.size() * sizeof(float), values.data()), "write sst");
  }
  set_temperature(sst);
  H5Dclose(sst);
}

void write_hollow(File& file, hsize_t steps, hsize_t side, hsize_t together) {
  const Dimension time{"time", steps, true}, lat{"lat", side, false}, lon{"lon", side, false};
  file.coordinate(time, 1, "days since 2000-01-01");
  file.coordinate(lat, 0.1, "degrees_north");
  file.coordinate(lon, 0.1, "degrees_east");
  const hid_t sst = file.variable("sst", {time, lat, lon}, {together, side, side}, H5T_NATIVE_FLOAT, 1);
  set_temperature(sst);
  H5Dclose(sst);
}

void write_notes(File& file) {
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, H5T_VARIABLE);
  const hid_t set = file.variable("notes", {kLat}, {}, type, 0);
  const char* texts[] = {"a", "bc", "", "def", "g", "h"};
  must(H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts), "write notes");
  H5Dclose(set);
  H5Tclose(type);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: make_input small|noise|series|hollow|long|block|plane|strings PATH\n");
    return 2;
  }
  const std::string kind = argv[1];
  File file(argv[2]);
  if (kind == "small" || kind == "strings") write_small(file);
  if (kind == "strings") write_notes(file);
  if (kind == "plane") write_plane(file);
  if (kind == "noise") write_noise(file, 160, 128, 640);
  if (kind == "series") write_noise(file, 240, 1024, 1024);
  if (kind == "hollow") write_hollow(file, 40000, 1000, 1);
  if (kind == "long") write_hollow(file, 400, 1000, 1);
  if (kind == "block") write_hollow(file, 40, 512, 40);
  return 0;
}
