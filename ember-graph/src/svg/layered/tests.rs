use super::{Arranged, End, Net, Region, Row, Target, Vertex, arrange};

fn vertex(width: f64) -> Vertex {
    Vertex { width, height: 30.0, row: Row::Free }
}

fn net(from: usize, to: &[usize]) -> Net {
    Net { from, to: to.iter().map(|&vertex| Target { vertex, port: None }).collect() }
}

fn middle(region: &Region, arranged: &Arranged, vertex: usize) -> f64 {
    arranged.corners[vertex].0 + region.vertices[vertex].width / 2.0
}

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() < 0.01
}

#[test]
fn a_chain_is_a_straight_line() {
    let region = Region {
        vertices: [60.0, 100.0, 80.0, 200.0].map(vertex).to_vec(),
        nets: (0..3).map(|from| net(from, &[from + 1])).collect(),
        pinned: false,
    };
    let arranged = arrange(&region);
    for stroke in arranged.strokes.iter().flatten() {
        assert!(close(stroke.from.0, stroke.to.0) && stroke.end == End::Head);
    }
    assert!(arranged.corners.is_sorted_by(|one, other| one.1 + 30.0 < other.1));
}

#[test]
fn a_diamond_is_symmetric() {
    let region = Region {
        vertices: vec![vertex(70.0); 4],
        nets: vec![net(0, &[1, 2]), net(1, &[3]), net(2, &[3])],
        pinned: false,
    };
    let arranged = arrange(&region);
    let middles = [0, 1, 2, 3].map(|vertex| middle(&region, &arranged, vertex));
    assert!(close(middles[0], middles[3]) && close(middles[0], f64::midpoint(middles[1], middles[2])));
    assert!(close(arranged.corners[1].1, arranged.corners[2].1));
}

#[test]
fn a_long_arrow_is_straight_between_its_ends() {
    // 0 is used by the last of a chain of five beside it.
    let mut nets: Vec<Net> = (1..5).map(|from| net(from, &[from + 1])).collect();
    nets.insert(0, net(0, &[1, 5]));
    let region = Region { vertices: vec![vertex(90.0); 6], nets, pinned: false };
    let arranged = arrange(&region);
    let joints: Vec<f64> = arranged.strokes[0]
        .iter()
        .filter(|stroke| stroke.end == End::Joint)
        .map(|stroke| stroke.to.0)
        .collect();
    assert_eq!(joints.len(), 4);
    assert!(joints.iter().all(|&joint| close(joint, joints[0])), "{joints:?}");
}

#[test]
fn arrows_of_one_net_share_their_way() {
    let mut nets: Vec<Net> = (1..4).map(|from| net(from, &[from + 1])).collect();
    nets.insert(0, net(0, &[2, 3, 4]));
    let region = Region { vertices: vec![vertex(50.0); 5], nets, pinned: false };
    let strokes = &arrange(&region).strokes[0];
    let count = |end: End| strokes.iter().filter(|stroke| stroke.end == end).count();
    // The rows of 2 and 3 are each passed once, whatever follows.
    assert_eq!((count(End::Head), count(End::Joint)), (3, 2));
}

#[test]
fn crossed_pairs_are_untangled() {
    let region = Region {
        vertices: vec![vertex(50.0); 6],
        nets: vec![net(0, &[5]), net(1, &[4]), net(2, &[3])],
        pinned: false,
    };
    let arranged = arrange(&region);
    for stroke in arranged.strokes.iter().flatten() {
        assert!(close(stroke.from.0, stroke.to.0));
    }
}

#[test]
fn pinned_vertices_keep_their_order() {
    let mut region = Region {
        vertices: vec![vertex(50.0); 6],
        nets: vec![net(0, &[5]), net(1, &[4]), net(2, &[3])],
        pinned: true,
    };
    let arranged = arrange(&region);
    assert!(arranged.corners[3..].is_sorted_by(|one, other| one.0 < other.0));
    // Also where nothing connects them.
    region.nets.clear();
    assert!(arrange(&region).corners.is_sorted_by(|one, other| one.0 < other.0));
}

#[test]
fn a_line_arrives_at_its_port() {
    let region = Region {
        vertices: vec![vertex(40.0), vertex(300.0)],
        nets: vec![Net { from: 0, to: vec![Target { vertex: 1, port: Some(-110.0) }] }],
        pinned: false,
    };
    let arranged = arrange(&region);
    let stroke = arranged.strokes[0][0];
    assert_eq!(stroke.end, End::Port);
    assert!(close(stroke.to.0, middle(&region, &arranged, 1) - 110.0));
    assert!(close(stroke.from.0, stroke.to.0), "the box moves, so that the line is straight");
}

#[test]
fn arrows_into_one_node_arrive_apart() {
    let region = Region {
        vertices: vec![vertex(60.0); 6],
        nets: (0..5).map(|from| net(from, &[5])).collect(),
        pinned: false,
    };
    let arranged = arrange(&region);
    let mut ends: Vec<f64> = arranged.strokes.iter().map(|strokes| strokes[0].to.0).collect();
    ends.sort_by(f64::total_cmp);
    assert!(ends.windows(2).all(|pair| pair[1] - pair[0] > 5.0), "{ends:?}");
    let left = arranged.corners[5].0;
    assert!(ends[0] > left && ends[4] < left + 60.0);
}

#[test]
fn rows_are_where_they_are_asked_for() {
    let mut region = Region {
        vertices: vec![vertex(50.0); 5],
        nets: vec![net(0, &[2]), net(2, &[3]), net(2, &[4])],
        pinned: false,
    };
    region.vertices[0].row = Row::Top;
    region.vertices[1].row = Row::Top;
    region.vertices[4].row = Row::Bottom;
    let tops = arrange(&region).corners;
    assert!(close(tops[0].1, tops[1].1) && tops[1].1 < tops[2].1);
    assert!(tops[4].1 > tops[3].1, "below all others, though it could stand beside 3");
}

#[test]
fn many_vertices_without_arrows_fill_several_rows() {
    let region = Region { vertices: vec![vertex(60.0); 200], ..Region::default() };
    let arranged = arrange(&region);
    assert!(arranged.width < 2.0 * arranged.height && arranged.height < 2.0 * arranged.width);
}

#[test]
fn nothing_needs_no_room() {
    let arranged = arrange(&Region::default());
    assert!(arranged.width == 0.0 && arranged.height == 0.0 && arranged.corners.is_empty());
}
