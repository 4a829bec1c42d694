//! The rows with every long arrow cut into pieces that lead from one row to the next.

use super::Region;

/// Joints cost time and space in every later phase; nets beyond this many are drawn straight across.
const MOST_JOINTS: usize = 12_000;

/// The lines of a net share their joints, so a value that is used ten rows below, twice, is one line.
pub(super) struct Network {
    /// First those of the region, then the joints.
    pub(super) points: Vec<Point>,
    pub(super) pieces: Vec<Piece>,
    /// The pieces that arrive at a point from the row above.
    pub(super) above: Vec<Vec<usize>>,
    /// The pieces that leave a point for the row below.
    pub(super) below: Vec<Vec<usize>>,
    /// The points of each row, from left to right.
    pub(super) rows: Vec<Vec<usize>>,
    /// The place of each point in its row.
    pub(super) places: Vec<usize>,
    /// Arrows that pass over rows without joints: net and place among its targets.
    pub(super) direct: Vec<(usize, usize)>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    pub(super) rank: usize,
    pub(super) width: f64,
    pub(super) joint: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) net: usize,
    pub(super) from: usize,
    pub(super) to: usize,
    /// Where the piece arrives, as a distance from the middle of its end.
    pub(super) shift: f64,
    /// The place among the net's targets; none for a piece between joints.
    pub(super) target: Option<usize>,
}

impl Network {
    pub(super) fn new(region: &Region, ranks: &[usize]) -> Self {
        let points: Vec<Point> = region
            .vertices
            .iter()
            .zip(ranks)
            .map(|(vertex, &rank)| Point { rank, width: vertex.width, joint: false })
            .collect();
        let rows = ranks.iter().max().map_or(0, |last| last + 1);
        let mut network = Self {
            above: vec![Vec::new(); points.len()],
            below: vec![Vec::new(); points.len()],
            rows: vec![Vec::new(); rows],
            places: vec![0; points.len()],
            points,
            pieces: Vec::new(),
            direct: Vec::new(),
        };
        for (vertex, &rank) in ranks.iter().enumerate() {
            network.rows[rank].push(vertex);
        }
        network.add_nets(region, ranks);
        network.number_places();
        network
    }

    fn add_nets(&mut self, region: &Region, ranks: &[usize]) {
        let joints = |net: usize| {
            let net = &region.nets[net];
            let last = net.to.iter().map(|target| ranks[target.vertex]).max().unwrap_or(0);
            last.saturating_sub(ranks[net.from] + 1)
        };
        let mut shortest_first: Vec<usize> = (0..region.nets.len()).collect();
        shortest_first.sort_by_key(|&net| joints(net));
        let mut room = MOST_JOINTS;
        let mut jointed = vec![false; region.nets.len()];
        for net in shortest_first {
            jointed[net] = joints(net) <= room;
            room = room.saturating_sub(joints(net));
        }
        for (index, net) in region.nets.iter().enumerate() {
            let start = ranks[net.from];
            let mut chain = vec![net.from];
            for (place, target) in net.to.iter().enumerate() {
                let rows = ranks[target.vertex] - start;
                if rows > 1 && !jointed[index] {
                    self.direct.push((index, place));
                    continue;
                }
                while chain.len() < rows {
                    let joint = self.joint(start + chain.len());
                    let from = chain[chain.len() - 1];
                    self.piece(Piece { net: index, from, to: joint, shift: 0.0, target: None });
                    chain.push(joint);
                }
                self.piece(Piece {
                    net: index,
                    from: chain[rows - 1],
                    to: target.vertex,
                    shift: target.port.unwrap_or(0.0),
                    target: Some(place),
                });
            }
        }
    }

    fn joint(&mut self, rank: usize) -> usize {
        let joint = self.points.len();
        self.points.push(Point { rank, width: 2.0, joint: true });
        self.above.push(Vec::new());
        self.below.push(Vec::new());
        self.places.push(0);
        self.rows[rank].push(joint);
        joint
    }

    fn piece(&mut self, piece: Piece) {
        self.below[piece.from].push(self.pieces.len());
        self.above[piece.to].push(self.pieces.len());
        self.pieces.push(piece);
    }

    /// Brings the places up to date with the rows.
    pub(super) fn number_places(&mut self) {
        for row in &self.rows {
            for (place, &point) in row.iter().enumerate() {
                self.places[point] = place;
            }
        }
    }
}
